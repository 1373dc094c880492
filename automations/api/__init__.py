"""The API of what acts by itself."""
