"""Files that people bring: read, checked row by row, reported."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """Mappings, readers and reports shared by every importer."""

    name = "portal.imports"
    label = "imports"
