"""People, what they may do, and who stands in for whom."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, memberships, delegations."""

    name = "portal.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Give the trail this room's words and listen to allauth."""
        from portal.accounts import signals, words

        words.register()
        signals.connect()
