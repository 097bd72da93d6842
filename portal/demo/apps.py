"""An invented tenant to look around in."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Builds the demo through the wings' own actions."""

    name = "portal.demo"
    label = "demo"
