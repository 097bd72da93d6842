"""KPIs: what happened, how it is counted, what the contract says, and what follows from it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KpisConfig(AppConfig):
    """Facts, definitions, contracts, scorecards."""

    name = "kpis"
    verbose_name = _("Performance")

    def ready(self) -> None:
        """Hang the wing into the rooms below it."""
        from kpis import listeners, navigation, notices, panels, trail

        listeners.register()
        navigation.register()
        notices.register()
        panels.register()
        trail.register()
