"""What lets programs in: API keys, their scopes, rate windows and request logs."""
