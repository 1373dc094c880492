"""Triggers, macros, SLA policies, webhook endpoints and what became of them."""
