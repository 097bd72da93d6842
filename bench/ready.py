"""Sets Django up when it is imported, so that what is imported after it may use models: it comes before them by its name."""

import django
from django.conf import settings

django.setup()

__all__ = ["settings"]
