"""What acts by itself: triggers, macros, SLA clocks, webhooks."""
