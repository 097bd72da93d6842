"""Days on which somebody's team is another one than their sums say are summed up again, and no others."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from kpis.actions import recompute
from kpis.actions.verifying import verify
from kpis.listeners import on_change
from kpis.models import AgentDay, DirtyBucket
from kpis.queries import Scope, sums
from partners.models import Placement, Team
from portal.accounts.rules import SYSTEM
from tests.factories.kpis import site_facts
from tests.factories.partners import PlacementFactory, SiteFactory, TeamFactory, days, placed

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 11, 2), date(2026, 11, 8)


def move(person_id: int, team: Team, since: date) -> None:
    """Another team from a day on, as a correction writes it."""
    held = Placement.objects.get(person=person_id)
    Placement.objects.filter(pk=held.pk).update(period=days(held.period.lower, since - timedelta(days=1)))
    PlacementFactory.create(
        site=team.programme.site, person=held.person, programme=team.programme, team=team, period=days(since)
    )


def test_only_the_days_that_changed() -> None:
    here = SiteFactory.create()
    site_facts(here, FIRST, LAST)
    moved = AgentDay.objects.earliest("id").person_id
    on_change(actor=SYSTEM, person_ids=[moved])
    assert DirtyBucket.objects.count() == 0, "nothing changed"
    team = TeamFactory.create(programme=AgentDay.objects.earliest("id").programme)
    move(moved, team, date(2026, 11, 6))
    on_change(actor=SYSTEM, person_ids=[moved])
    assert sorted(DirtyBucket.objects.values_list("site_id", "day")) == [
        (here.pk, date(2026, 11, at)) for at in (6, 7, 8)
    ]
    while recompute():
        pass
    scope = Scope(frozenset([here.pk]), team_ids=frozenset([team.pk]))
    found = sums(scope, FIRST, LAST, ["day"], ["paid"])
    assert set(found) == {(date(2026, 11, at),) for at in (6, 7, 8)}


def test_a_day_that_is_being_made_is_made_again() -> None:
    """Its worker may have read the placements before they changed."""
    here, elsewhere = SiteFactory.create(), SiteFactory.create()
    moved = placed(here)
    for site in (here, elsewhere):
        DirtyBucket.objects.create(site=site, day=FIRST, marked_at=timezone.now() - timedelta(minutes=5))
    on_change(actor=SYSTEM, person_ids=[moved.pk])
    minute_ago = timezone.now() - timedelta(minutes=1)
    assert list(DirtyBucket.objects.filter(marked_at__gte=minute_ago).values_list("site_id", flat=True)) == [here.pk]


def test_what_was_missed_is_found_at_night() -> None:
    here = SiteFactory.create()
    last = timezone.now().date() - timedelta(days=2)
    site_facts(here, last, last)
    programme = AgentDay.objects.earliest("id").programme
    Placement.objects.update(team=TeamFactory.create(programme=programme))
    verify()
    assert list(DirtyBucket.objects.values_list("day", flat=True)) == [last]
