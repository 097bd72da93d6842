"""Files that people and mails bring along."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    """Stores files and serves them through their owner's wing."""

    name = "portal.files"
    label = "files"
