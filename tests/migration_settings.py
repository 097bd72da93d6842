"""The portal's settings with the migration linter, for `make check`."""

from portal.settings import *  # noqa: F403
from portal.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]
MIGRATION_LINTER_OPTIONS = {
    "no_cache": True,
    # The first release builds empty tables: nothing is locked or broken there. Only later migrations meet data.
    "ignore_initial_migrations": True,
    # 0002_registered_topics makes a varchar wider, which rewrites and breaks nothing.
    "ignore_name": ["0002_scopes", "0002_registered_topics"],
    "exclude_apps": [app.rpartition(".")[2] for app in INSTALLED_APPS if app.startswith(("django", "allauth"))],
}
