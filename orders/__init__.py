"""Sales orders and their notes: what shops and shipping programs tell agents about."""
