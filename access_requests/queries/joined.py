"""Who began and had what the job brought, as it was at the first shift: later versions of bundles and later removals change nothing."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from partners import queries as directory

from ..models import Bundle, BundleItem, BundleVersion, Grant
from ..rules import Pattern, Place, wanted_of
from .figures import Starter, starters_of
from .starting import NEAR, clockworks

type Day = tuple[int, date]


@dataclass(slots=True)
class Readiness:
    """How many began whose jobs bring something, and how many of them had all of it, proven."""

    joiners: int = 0
    ready: int = 0


class _Version(NamedTuple):
    pk: int
    since: datetime
    items: frozenset[tuple[int, datetime | None]]


def readiness_days(first: date, last: date, now: datetime) -> tuple[dict[Day, Readiness], set[Day]]:
    """Site and local day of the first shift -> who began then, of the shifts that have begun; and all days that were looked at."""
    sites = list(directory.live_sites().order_by("pk"))
    works = clockworks(sites)
    days = {(one.pk, first + timedelta(days=step)) for one in sites for step in range((last - first).days + 1)}
    slack = NEAR + timedelta(days=1)
    # A request may name a shift some days from the first day of the placement.
    begun = [one for one in starters_of(works, first - slack, last + slack) if one.shift_at <= now]
    needs, held = _Bundles(), _held({one.person_id for one in begun})
    found: dict[Day, Readiness] = defaultdict(Readiness)
    for one in begun:
        day = one.job.site_id, one.shift_at.astimezone(works[one.job.site_id].zone).date()
        wanted = needs.of(one)
        if day in days and wanted:
            found[day].joiners += 1
            found[day].ready += wanted <= _at(held[one.person_id], one.shift_at)
    return dict(found), days


class _Bundles:
    """What jobs brought at any instant. Three queries."""

    def __init__(self) -> None:
        columns = ("version_id", "entitlement_id", "entitlement__archived_at", "entitlement__system__archived_at")
        items: dict[int, set[tuple[int, datetime | None]]] = defaultdict(set)
        for version, entitlement, *ends in BundleItem.objects.values_list(*columns):
            items[version].add((entitlement, min((at for at in ends if at), default=None)))
        self._versions: dict[int, list[_Version]] = defaultdict(list)
        for pk, bundle, since in BundleVersion.objects.order_by("number").values_list("pk", "bundle_id", "created_at"):
            self._versions[bundle].append(_Version(pk, since, frozenset(items[pk])))
        self._bundles = list(Bundle.objects.all())

    def of(self, starter: Starter) -> set[int]:
        """The entitlements that somebody's job brought at the first shift."""
        patterns = [found for bundle in self._bundles if (found := self._pattern(bundle, starter.shift_at))]
        return set(wanted_of([Place(starter.person_id, *starter.job)], patterns)[starter.person_id])

    def _pattern(self, bundle: Bundle, at: datetime) -> Pattern | None:
        known = [one for one in self._versions[bundle.pk] if one.since <= at]
        if not known or (bundle.archived_at is not None and bundle.archived_at <= at):
            return None
        items = frozenset(pk for pk, until in known[-1].items if until is None or until > at)
        return Pattern(known[-1].pk, bundle.job_role_id, bundle.programme_code, bundle.site_id, items)


def _held(people: Collection[int]) -> dict[int, list[tuple[int, datetime, datetime | None]]]:
    """Person -> entitlement, since when it was proven, when it ended. One query."""
    rows = Grant.objects.filter(person_id__in=people, verified_at__isnull=False)
    found: dict[int, list[tuple[int, datetime, datetime | None]]] = defaultdict(list)
    for person, entitlement, since, until in rows.values_list("person_id", "entitlement_id", "verified_at", "ended_at"):
        if since is not None:
            found[person].append((entitlement, since, until))
    return found


def _at(holdings: list[tuple[int, datetime, datetime | None]], at: datetime) -> set[int]:
    return {entitlement for entitlement, since, until in holdings if since <= at and (until is None or until > at)}
