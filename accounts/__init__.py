"""People: agents, their roles and teams, contacts and organizations; and how agents sign in."""
