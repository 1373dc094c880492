"""Triggers, macros, SLA policies, webhook endpoints and what became of them."""

from automations.models.delivery import CALLED, TEST, Attempt, Delivery, State
from automations.models.macro import Macro
from automations.models.sla import BusinessHours, Counting, SlaPolicy
from automations.models.trigger import Clock, Occasion, Outcome, Property, Trigger, TriggerRun
from automations.models.webhook import Webhook, Why

__all__ = [
    "CALLED", "TEST", "Attempt", "BusinessHours", "Clock", "Counting", "Delivery", "Macro", "Occasion", "Outcome",
    "Property", "SlaPolicy", "State", "Trigger", "TriggerRun", "Webhook", "Why",
]  # fmt: skip
