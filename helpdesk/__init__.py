"""The project: settings, URL map, the API's root, and the commands that run it."""

BUILD = "0.1.0"
"""The release, as CHANGELOG.md names it."""
