"""Escalation cases: queue, casework, clocks of cases."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EscalationsConfig(AppConfig):
    """Services, cases and their timelines."""

    name = "escalations"
    verbose_name = _("Escalations")
