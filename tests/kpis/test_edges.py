"""Edges: a month on the site's own clock, days on which nobody is any more, facts that change while they are checked, a month that is
made again while somebody signs."""

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from kpis.actions import exclusions, headcount, mark_dirty, recompute, results, statements, verifying
from kpis.listeners import on_change
from kpis.models import Difference, DirtyBucket, Figure, QueueDay, Statement
from partners.models import Engagement, Placement
from portal.accounts.rules import SYSTEM
from tests.databases import Database
from tests.factories.kpis import site_facts
from tests.factories.partners import PlacementFactory, SiteFactory, days
from tests.kpis.contract_world import MONTH, World
from tests.kpis.test_exclusions import propose


@pytest.mark.django_db
def test_a_result_names_the_exclusions_of_the_site_s_month() -> None:
    world, night = World(), datetime(2026, 8, 31, 17, tzinfo=UTC)
    world.usual()
    world.contacts(night, 100, 10, 9000)
    world.count()
    held = propose(world, since=night, until=night + timedelta(hours=1))
    exclusions.decide(actor=world.by_manager, pk=held.pk, verdict="approved")
    recompute()
    made = results.freeze(actor=world.by_manager, site=world.site, month=MONTH)
    assert made.inputs["exclusions"] == [held.pk], "it is the first of September in Shanghai"


@pytest.mark.django_db
def test_who_came_later_than_was_said_leaves_no_headcount_behind() -> None:
    here, today = SiteFactory.create(time_zone="UTC"), timezone.now().date()
    person = PlacementFactory.create(site=here, period=days(today - timedelta(days=10))).person
    headcount.hand_in_changes()
    for model in (Placement, Engagement):
        model.objects.filter(person=person).update(period=days(today - timedelta(days=6)))
    on_change(actor=SYSTEM, person_ids=[person.pk])
    headcount.hand_in_changes()
    for code in ("headcount_days", "leavers"):
        stand = Figure.objects.filter(component__code=code, site=here).values_list("day", flat=True)
        assert {(today - day).days for day in stand} == set(range(7))


@pytest.mark.django_db
def test_facts_that_change_while_they_are_checked_are_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    here, last = SiteFactory.create(), timezone.now().date() - timedelta(days=2)
    site_facts(here, last, last)
    row = QueueDay.objects.filter(offered__gt=0).earliest("id")
    row.offered += 7
    row.save()
    stored = verifying._stored

    def reading(*given: Any) -> Any:
        mark_dirty([(here.pk, last)])
        return stored(*given)

    monkeypatch.setattr(verifying, "_stored", reading)
    assert verifying.verify() == 0
    assert not Difference.objects.exists()
    monkeypatch.undo()
    DirtyBucket.objects.all().delete()
    assert verifying.verify() == 1


def test_nobody_signs_while_the_month_is_made_again(fresh_database: Database) -> None:
    world = World()
    world.usual()
    results.set_invoice(actor=world.by_manager, site=world.site, month=MONTH, amount=Decimal(1000), currency="EUR")
    results.freeze(actor=world.by_manager, site=world.site, month=MONTH)
    seen = statements.stamp(Statement.objects.get())
    found: list[str] = []

    def sign() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '100ms'")
            statements.sign(actor=world.by_lead, site=world.site, month=MONTH, seen=seen)
        except OperationalError as error:
            found.append(type(error.__cause__).__name__)
        finally:
            connection.close()

    with transaction.atomic():
        statements.lock(world.site.pk)
        other = threading.Thread(target=sign)
        other.start()
        other.join()
    assert found == ["LockNotAvailable"]
    statements.sign(actor=world.by_lead, site=world.site, month=MONTH, seen=seen)
