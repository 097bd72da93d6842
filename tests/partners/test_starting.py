"""Who begins to work at a site, and who only moves there."""

from datetime import date

import pytest

from partners import queries
from partners.models import Engagement, Person, Placement
from tests.factories.partners import EngagementFactory, JobRoleFactory, PlacementFactory, SiteFactory, days

pytestmark = pytest.mark.django_db
WINDOW = (date(2026, 5, 1), date(2026, 5, 31))


def starters(*sites: int) -> list[int]:
    return list(queries.starting_between(sites, *WINDOW).order_by("pk").values_list("person_id", flat=True))


def worked(first: str, last: str, engaged_until: str | None) -> Person:
    """Somebody who had a placement from one day to another in an engagement that lasts until some day."""
    old = PlacementFactory.create(period=days(first, last))
    Engagement.objects.filter(person=old.person).update(period=days(first, engaged_until))
    return old.person


def test_who_is_new_begins_on_the_first_and_on_the_last_day_of_the_window() -> None:
    site = SiteFactory.create()
    made = [
        PlacementFactory.create(site=site, period=days(one))
        for one in ("2026-04-30", "2026-05-01", "2026-05-31", "2026-06-01")
    ]
    assert starters(site.pk) == [made[1].person_id, made[2].person_id]
    assert starters(SiteFactory.create().pk) == []


@pytest.mark.parametrize("last", ["2026-05-10", "2026-05-08", "2026-02-01"])
def test_a_transfer_to_another_site_or_job_begins_nothing_even_after_days_without_a_place(last: str) -> None:
    site = SiteFactory.create()
    person = worked("2026-01-01", last, None)
    Placement.objects.create(person=person, site=site, job_role=JobRoleFactory.create(), period=days("2026-05-11"))
    assert starters(site.pk) == []


def test_who_is_employed_anew_begins_again() -> None:
    site = SiteFactory.create()
    person = worked("2025-01-01", "2025-08-31", "2025-08-31")
    EngagementFactory.create(person=person, employer=site.partner, period=days("2026-05-11"))
    placement = PlacementFactory.create(person=person, site=site, period=days("2026-05-11"))
    assert starters(site.pk) == [person.pk]
    # Out of one engagement into the next without a day between: at work all along.
    until = days("2025-01-01", "2026-05-10")
    Engagement.objects.filter(person=person, period__startswith=date(2025, 1, 1)).update(period=until)
    Placement.objects.filter(person=person).exclude(pk=placement.pk).update(period=until)
    assert starters(site.pk) == []


def test_what_was_cancelled_or_on_loan_is_no_earlier_place() -> None:
    site = SiteFactory.create()
    person = worked("2026-01-01", "2026-05-10", None)
    PlacementFactory.create(person=person, site=site, period=days("2026-05-11"))
    Placement.objects.filter(person=person).exclude(site=site).update(kind="loan")
    assert starters(site.pk) == [person.pk]
