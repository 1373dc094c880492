"""The key desk: where an admin decides which programs may do what."""

from apitokens.admin import applications, home, keys  # noqa: F401 - importing them registers them.
