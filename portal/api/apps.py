"""The REST API."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Tokens, and what all routes have in common."""

    name = "portal.api"
    label = "api"

    def ready(self) -> None:
        """Hang the screens into the shell, and end tokens with their people's access."""
        from portal.api import navigation

        navigation.register()
