"""Weekly packs, business reviews, meetings, visits and what comes of them."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewsConfig(AppConfig):
    """Packs, engagements, findings, actions."""

    name = "reviews"
    verbose_name = _("Reviews")

    def ready(self) -> None:
        """Hang the wing into the rooms below it."""
        from reviews import clock_kind, navigation, notices, panels, trail

        clock_kind.register()
        navigation.register()
        notices.register()
        panels.register()
        trail.register()
