"""The verbs on what acts by itself."""
