"""A helpdesk of a small shop to try the product out with: people, two years of tickets, keys that work."""
