"""The admin's pages of what acts by itself."""
