"""Two people change the directory at the same moment."""

import threading
from functools import partial
from typing import Any

import pytest
from django.db import close_old_connections, connection

from partners import actions
from partners.models import Person, Placement, Site
from portal.accounts.rules import SYSTEM
from portal.refusals import RefusedError
from tests.databases import Database
from tests.factories.partners import (
    EngagementFactory,
    JobRoleFactory,
    SiteFactory,
    days,
)

# --- Races ----------------------------------------------------------------------------------------


def together(*acts: Any) -> list[str]:
    """Run the acts at the same time, each with a connection of its own; what each ended with."""
    ready, ends = threading.Barrier(len(acts)), [""] * len(acts)

    def run(number: int) -> None:
        try:
            ready.wait(timeout=30)
            acts[number]()
            ends[number] = "done"
        except RefusedError as refused:
            ends[number] = refused.code
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return sorted(ends)


def test_two_placements_at_the_same_moment(fresh_database: Database) -> None:
    site = SiteFactory()
    person = EngagementFactory(employer=site.partner).person
    values = actions.PlacementValues(JobRoleFactory().pk, person.engagements.get().first_day)
    place = partial(actions.place, actor=SYSTEM, person_id=person.pk, site=site, values=values)
    assert together(place, place, place) == ["done", "placement_primary_overlap", "placement_primary_overlap"]
    assert person.placements.count() == 1


def test_two_people_with_one_address_at_the_same_moment(fresh_database: Database) -> None:
    site = SiteFactory()
    values = actions.PersonValues(name="Same", email="same@example.com")
    start = actions.Start(JobRoleFactory().pk, days("2026-01-01").lower)
    hire = partial(actions.hire, actor=SYSTEM, site=site, values=values, start=start)
    assert together(hire, hire) == ["done", "person_email_unique"]
    assert (Person.objects.count(), Placement.objects.count()) == (1, 1)


def test_ending_and_placing_at_the_same_moment_leaves_nothing_uncovered(fresh_database: Database) -> None:
    site = SiteFactory()
    for _ in range(5):
        assert end_and_place(site) in (["done", "done"], ["done", "placement_within_engagement"])
    assert not Placement.objects.filter(cancelled_at=None).exists()


def end_and_place(site: Site) -> list[str]:
    person = EngagementFactory(employer=site.partner).person
    engagement = person.engagements.get()
    late = actions.PlacementValues(JobRoleFactory().pk, days("2026-06-01").lower)
    return together(
        lambda: actions.end_engagement(actor=SYSTEM, pk=engagement.pk, last_day=days("2026-01-01").lower),
        lambda: actions.place(actor=SYSTEM, person_id=person.pk, site=site, values=late),
    )


def test_raw_writers_do_not_slip_past_each_other(fresh_database: Database) -> None:
    """Without the person's row locked by the triggers, both would read the old state and both would commit."""
    site = SiteFactory()
    person = EngagementFactory(employer=site.partner).person
    role = JobRoleFactory()
    with fresh_database.connect() as one, fresh_database.connect() as two:
        one.execute("BEGIN")
        one.execute(
            "UPDATE partners_engagement SET period = '[2024-01-01,2025-01-01)' WHERE person_id = %s", [person.pk]
        )
        two.execute("SET lock_timeout = '200ms'")
        insert = """
            INSERT INTO partners_placement (version, person_id, site_id, job_role_id, kind, period)
            VALUES (1, %s, %s, %s, 'primary', '[2026-01-01,)')
        """
        with pytest.raises(Exception, match="lock timeout"):
            two.execute(insert, [person.pk, site.pk, role.pk])
        one.execute("COMMIT")
        with pytest.raises(Exception, match="a placement lies within an engagement"):
            two.execute(insert, [person.pk, site.pk, role.pk])
