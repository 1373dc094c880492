"""Tickets and every verb on them, and the workspace in which agents use those verbs."""
