"""The portal's settings with the migration linter, for `make check`."""

from portal.settings import *  # noqa: F403
from portal.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]
MIGRATION_LINTER_OPTIONS = {
    "no_cache": True,
    # The first release builds empty tables: nothing is locked or broken there. Only later migrations meet data.
    "ignore_initial_migrations": True,
    # 0002_registered_topics makes a varchar wider, which rewrites and breaks nothing. 0002_partitions builds tables that are new.
    # 0010_first_checks_and_letters adds columns to the catalogue, which has some dozens of rows. 0008_who_stands_in adds unique
    # constraints to decisions: it locks them for as long as an index of them takes, which the operations guide says.
    # 0031_feedback_from_before: a trigger names the service where a program from before the upgrade does not.
    "ignore_name": [
        "0002_scopes",
        "0002_registered_topics",
        "0002_partitions",
        "0008_who_stands_in",
        "0010_first_checks_and_letters",
        "0031_feedback_from_before",
    ],
    "exclude_apps": [app.rpartition(".")[2] for app in INSTALLED_APPS if app.startswith(("django", "allauth"))],
}
