"""Mailboxes."""

from django.apps import AppConfig


class MailboxConfig(AppConfig):
    """Reads mailboxes and hands messages to their wings."""

    name = "portal.mailbox"
    label = "mailbox"

    def ready(self) -> None:
        """Hang the screens into the shell, and say who may read what a mail brought."""
        from portal.mailbox import navigation

        navigation.register()
