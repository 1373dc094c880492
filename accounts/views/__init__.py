"""The pages of people: the way in and out, and everybody's own settings."""
