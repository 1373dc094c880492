"""Triggers, macros, SLA policies, webhook endpoints and what became of them."""

from automations.models.macro import Macro
from automations.models.trigger import Clock, Occasion, Outcome, Property, Trigger, TriggerRun

__all__ = ["Clock", "Macro", "Occasion", "Outcome", "Property", "Trigger", "TriggerRun"]
