"""Escalation cases: queue, casework, clocks of cases."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EscalationsConfig(AppConfig):
    """Services, cases and their timelines."""

    name = "escalations"
    verbose_name = _("Escalations")

    def ready(self) -> None:
        """Hang the wing into the rooms below it."""
        from escalations import api, channel_kind, clock_kind, mail_kind, navigation, notices, talking, trail

        api.register()
        channel_kind.register()
        clock_kind.register()
        mail_kind.register()
        notices.register()
        navigation.register()
        talking.register()
        trail.register()
