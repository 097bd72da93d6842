"""Inbox, mail and the outbox behind them."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Tells people what happened, once, in their language and at a decent hour."""

    name = "portal.notifications"
    label = "notifications"
