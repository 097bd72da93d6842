"""Calendars, policies, clocks. Fields, constraints and indexes; no workflow."""

from sla.models.calendars import Calendar, CalendarVersion
from sla.models.clocks import Clock, ClockEvent
from sla.models.jobs import Recompute
from sla.models.policies import EscalationLevel, Policy, PolicyTarget, PolicyVersion

__all__ = [
    "Calendar",
    "CalendarVersion",
    "Clock",
    "ClockEvent",
    "EscalationLevel",
    "Policy",
    "PolicyTarget",
    "PolicyVersion",
    "Recompute",
]
