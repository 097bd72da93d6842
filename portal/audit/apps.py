"""The audit trail."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Append-only record of who did what, and who looked."""

    name = "portal.audit"
    label = "audit"
