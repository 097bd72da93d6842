"""Webhooks."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Sends signed requests from the outbox and checks those that come in."""

    name = "portal.webhooks"
    label = "webhooks"

    def ready(self) -> None:
        """Take the outbox's topic, and hang the screens into the shell."""
        from portal.webhooks import navigation

        navigation.register()
