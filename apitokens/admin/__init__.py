"""The key desk: where an admin decides which programs may do what."""

from apitokens.admin import home, keys  # noqa: F401 - importing them registers them.
