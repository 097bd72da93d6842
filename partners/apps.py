"""The directory of partners, sites and people."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartnersConfig(AppConfig):
    """Registers navigation and search of the directory."""

    name = "partners"
    verbose_name = _("Directory")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hang the directory into the shell."""
        from . import navigation, notices

        navigation.register()
        notices.register()
