"""The workspace's pages of what acts by itself."""
