"""Rules of the directory. Pure: no Django, no database."""

from .standing import (
    PEOPLE_READERS,
    READERS,
    SEE_ALL,
    SITE_EDITORS,
    SITE_READERS,
    STAFF_READERS,
    attesting,
    configuring,
    editing_site,
    reads_people,
    roster_applying,
    roster_uploading,
    sees_all,
)

__all__ = [
    "PEOPLE_READERS",
    "READERS",
    "SEE_ALL",
    "SITE_EDITORS",
    "SITE_READERS",
    "STAFF_READERS",
    "attesting",
    "configuring",
    "editing_site",
    "reads_people",
    "roster_applying",
    "roster_uploading",
    "sees_all",
]
