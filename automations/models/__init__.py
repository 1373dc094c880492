"""Triggers, macros, SLA policies, webhook endpoints and what became of them."""

from automations.models.macro import Macro
from automations.models.sla import BusinessHours, Counting, SlaPolicy
from automations.models.trigger import Clock, Occasion, Outcome, Property, Trigger, TriggerRun

__all__ = [
    "BusinessHours",
    "Clock",
    "Counting",
    "Macro",
    "Occasion",
    "Outcome",
    "Property",
    "SlaPolicy",
    "Trigger",
    "TriggerRun",
]
