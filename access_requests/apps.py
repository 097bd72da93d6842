"""Access: who needs which system, who agreed, who did it, and what proves it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccessRequestsConfig(AppConfig):
    """Systems, entitlements, requests, approvals, grants."""

    name = "access_requests"
    verbose_name = _("Access")

    def ready(self) -> None:
        """Hang the wing into the rooms below it."""
        from access_requests import clock_kind, listeners, navigation, notices, notices_requests, trail

        clock_kind.register()
        notices.register()
        notices_requests.register()
        listeners.register()
        navigation.register()
        trail.register()
