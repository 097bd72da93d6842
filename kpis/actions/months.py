"""Tables for the facts of the months ahead."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

AHEAD = timedelta(days=92)


def make_months() -> int:
    """Make the tables of last month to three months ahead, where they are not there; how many were made. Twice is as good as once."""
    today = timezone.now().date()
    with connection.cursor() as cursor:
        cursor.execute("SELECT kpis_ensure_months(%s, %s)", [today - timedelta(days=31), today + AHEAD])
        return int(cursor.fetchone()[0])
