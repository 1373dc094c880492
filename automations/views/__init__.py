"""Macros in the workspace: at the composer, in the palette, for selected tickets, and an agent's own ones."""
