"""My day, search, health."""

from django.apps import AppConfig


class HomeConfig(AppConfig):
    """The first page after signing in, and what hangs in the shell for the rooms below the shell."""

    name = "portal.home"
    label = "home"

    def ready(self) -> None:
        """Hang bell, unread list and navigation entries into the shell."""
        from portal.home.navigation import register

        register()
