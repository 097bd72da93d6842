"""Business time, policies and clocks."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SlaConfig(AppConfig):
    """Registers the configuration screens of calendars and policies."""

    name = "sla"
    verbose_name = _("Service levels")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hang calendars and policies into the navigation and the trail."""
        from sla import navigation

        navigation.register()
