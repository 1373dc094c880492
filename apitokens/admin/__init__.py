"""The key desk: where an admin decides which programs may do what."""

from apitokens.admin import keys  # noqa: F401 - importing it registers it.
