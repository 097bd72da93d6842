"""The shell's application."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Template tags, page shell, error pages and the registries that wings fill."""

    name = "portal.ui"
    label = "ui"

    def ready(self) -> None:
        """Name the pages of the rooms below."""
        from portal.ui.navigation import register

        register()
