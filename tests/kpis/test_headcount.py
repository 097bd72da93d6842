"""Headcount and leavers come from the directory, by the site's day; a change of days that have passed is handed in again."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from kpis.actions import headcount
from kpis.listeners import on_change
from kpis.models import Batch, Figure, Revision
from kpis.queries import Scope, figures, kpis_in_use
from partners.models import Engagement, Placement, Site
from partners.queries.figures import headcount_days
from portal.accounts.rules import SYSTEM
from tests.factories.partners import EngagementFactory, PlacementFactory, SiteFactory, days

pytestmark = pytest.mark.django_db


def day(back: int) -> date:
    return timezone.now().date() - timedelta(days=back)


def works(site: Site, first: int, last: int | None = None) -> Any:
    """Somebody employed and placed at a site from so many days ago to so many days ago."""
    return PlacementFactory.create(site=site, period=days(day(first), day(last) if last is not None else None)).person


def handed(code: str, site: Site) -> dict[int, Decimal]:
    """Days ago -> what stands."""
    rows = Figure.objects.filter(component__code=code, site=site, queue=None, person=None).values_list("day", "value")
    return {(day(0) - at).days: value for at, value in rows}


def test_a_count_by_hand() -> None:
    here, there = SiteFactory.create(time_zone="UTC"), SiteFactory.create(time_zone="UTC")
    works(here, 10)
    works(here, 8, 4)
    moved = works(here, 9)
    Placement.objects.filter(person=moved).update(period=days(day(9), day(6)))
    PlacementFactory.create(site=there, person=moved, period=days(day(5)))
    assert headcount.hand_in_changes() == 2
    assert handed("headcount_days", here) == {10: 1, 9: 2, 8: 3, 7: 3, 6: 3, 5: 2, 4: 2, 3: 1, 2: 1, 1: 1, 0: 1}
    assert handed("headcount_days", there) == dict.fromkeys(range(6), 1)
    assert {back for back, left in handed("leavers", here).items() if left} == {4}
    kpi = [one for one in kpis_in_use() if one.code == "attrition"]
    read = figures(Scope(frozenset([here.pk])), kpi, day(10), day(0))[()]["attrition"]
    assert read.value == Decimal(365) / 20
    assert (headcount.hand_in_changes(), headcount.hand_in_again()) == (0, 0)


def test_a_rehire_the_next_day_has_not_left() -> None:
    here = SiteFactory.create(time_zone="UTC")
    person = works(here, 10, 5)
    EngagementFactory.create(person=person, employer=here.partner, period=days(day(4)))
    PlacementFactory.create(site=here, person=person, period=days(day(4)))
    headcount.hand_in_changes()
    assert set(handed("leavers", here).values()) == {0}
    assert set(handed("headcount_days", here).values()) == {1}


def test_today_is_the_site_s() -> None:
    zones = {zone: SiteFactory.create(time_zone=zone) for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago")}
    for site in zones.values():
        works(site, 10)
    at = timezone.now().replace(hour=10, minute=30)
    newest = {one.site_id: one.day for one in headcount_days(day(10), at)}
    assert newest[zones["Pacific/Kiritimati"].pk] - newest[zones["Pacific/Pago_Pago"].pk] == timedelta(days=2)


def test_a_change_of_the_past_is_handed_in_again() -> None:
    here = SiteFactory.create(time_zone="UTC")
    person = works(here, 100)
    headcount.hand_in_changes()
    assert handed("headcount_days", here)[60] == 1
    Batch.objects.update(digest="another day")
    for model in (Placement, Engagement):
        model.objects.filter(person=person).update(period=days(day(100), day(70)))
    assert headcount.hand_in_changes() == 1, "the last days, on which nobody left"
    assert handed("headcount_days", here)[60] == 1, "nobody said so"
    on_change(actor=SYSTEM, person_ids=[person.pk])
    assert headcount.hand_in_changes() == 2
    found = handed("headcount_days", here)
    assert (found[70], found[69], found[0]) == (1, 0, 0)
    assert handed("leavers", here)[70] == 1
    assert Revision.objects.filter(kind="figures").count() > 60, "what stood before is kept"
