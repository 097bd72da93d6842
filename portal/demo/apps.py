"""An invented tenant to look around in."""

from collections.abc import Mapping, Sequence

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from portal.audit.registry import Named, register_subject, register_verbs


class DemoConfig(AppConfig):
    """Builds the demo through the wings' own actions."""

    name = "portal.demo"
    label = "demo"

    def ready(self) -> None:
        """Name what the demo leaves in the trail."""
        register_verbs({"demo.built": _("Built the demo")})
        register_subject("demo", _("Demo"), _names)


def _names(ids: Sequence[int]) -> Mapping[int, Named]:
    return {pk: Named("") for pk in ids}
