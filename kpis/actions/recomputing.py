"""Daily sums follow the facts: days are marked as they change, and made again whole by workers. Twice is as good as once."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction

from . import day_sql

# A site's day of 250 agents is some 4,500 intervals: a batch stays below a second and a half.
BATCH = 20


def mark_dirty(buckets: Iterable[tuple[int, date]]) -> None:
    """Have the sums of these (site id, local day) made again. In the transaction that changes their facts.

    Marking locks the mark, so that a worker that is just making these sums is waited for, and none that starts before the commit takes it.
    """
    sites, days = [], []
    for site, day in sorted(set(buckets)):
        sites.append(site)
        days.append(day)
    if sites:
        with connection.cursor() as cursor:
            cursor.execute(day_sql.MARK, {"sites": sites, "days": days})


def mark_range(site_ids: Collection[int], first: date, last: date) -> None:
    """Have all days from `first` to `last` of these sites made again."""
    days = (last - first).days + 1
    mark_dirty((site, first + timedelta(days=step)) for site in site_ids for step in range(days))


def mark_moved(person_ids: Collection[int]) -> None:
    """Have the days made again on which these people were in another team, programme or under another lead than their sums say.

    Days that are being made meanwhile too: their worker may have read the placements before they changed.
    """
    arguments: dict[str, Any] = {"people": sorted(person_ids), "since": date.min}
    with connection.cursor() as cursor:
        cursor.execute(f"{day_sql.MOVED} UNION {day_sql.IN_HAND}", arguments)
        mark_dirty(cursor.fetchall())


def mark_all_moved(since: date) -> int:
    """The same for everybody's days since; how many."""
    with connection.cursor() as cursor:
        cursor.execute(day_sql.MOVED, {"people": None, "since": since})
        moved = cursor.fetchall()
    mark_dirty(moved)
    return len(moved)


def recompute(limit: int = BATCH) -> int:
    """Make the sums of the days that wait longest, in one transaction; how many days. What another worker has in hand is left to it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(day_sql.CLAIM, {"limit": limit})
        claimed = cursor.fetchall()
        if claimed:
            make_sums([site for site, _day in claimed], [day for _site, day in claimed])
    return len(claimed)


def make_sums(sites: list[int], days: list[date]) -> None:
    """Delete and make the sums of these buckets (two lists of the same length) from their facts. Call it in a transaction."""
    arguments: dict[str, Any] = {"sites": sites, "days": days}
    with connection.cursor() as cursor:
        cursor.execute(day_sql.SPAN, arguments)
        arguments["since"], arguments["until"] = cursor.fetchone()
        excluding = _any_exclusion(arguments)
        for statement in (*day_sql.CLEAR, day_sql.queue_days(excluding), day_sql.agent_days(excluding)):
            cursor.execute(statement, arguments)


def _any_exclusion(arguments: Mapping[str, Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(day_sql.EXCLUDING, arguments)
        return bool(cursor.fetchone()[0])
