"""Access hands in who could work at the first shift: as it was then, by the site's day, and again when a start is corrected."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from access_requests.actions import figures
from access_requests.models import BundleItem, BundleVersion, Entitlement
from kpis.models import Figure, HandInDue
from kpis.queries import Scope, kpis_in_use
from kpis.queries import figures as readings
from partners.models import Engagement, Placement, Site
from portal.accounts.rules import SYSTEM
from tests.access_requests.readiness_world import Wave, wave
from tests.factories.access import EntitlementFactory
from tests.factories.partners import PlacementFactory, days

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Wave:
    """The job's bundle is older than every start of these tests."""
    found = wave()
    version(found, timezone.now() - timedelta(days=90), found.desk, found.phone)
    return found


def version(made: Wave, at: datetime, *brings: Entitlement) -> None:
    """What the bundle brings since an instant."""
    number = BundleVersion.objects.count() + 1
    made.bundle.current = BundleVersion.objects.create(bundle=made.bundle, number=number, created_at=at)
    made.bundle.save()
    BundleItem.objects.bulk_create(BundleItem(version=made.bundle.current, entitlement=one) for one in brings)


def day(back: int) -> date:
    return timezone.now().date() - timedelta(days=back)


def handed(site: Site) -> dict[tuple[str, date], Decimal]:
    rows = Figure.objects.filter(site=site)
    return {(code, at): value for code, at, value in rows.values_list("component__code", "day", "value")}


def at_nine(site: Site, back: int) -> datetime:
    """When the first shift of that day begins where no calendar says otherwise."""
    return datetime.combine(day(back), datetime.min.time(), ZoneInfo(site.time_zone)) + timedelta(hours=9)


def test_ready_is_what_was_proven_at_the_first_shift(made: Wave) -> None:
    ready, late, half = (made.joiner(name, -3) for name in ("Ready", "Late", "Half"))
    shift = at_nine(made.site, 3)
    before, after = shift - timedelta(hours=1), shift + timedelta(hours=1)
    for person, *proven in ((ready, before, before), (late, before, after)):
        for one, at in zip((made.desk, made.phone), proven, strict=True):
            made.give(person, one, started_at=before, confirmed_at=before, verified_at=at)
    made.give(half, made.desk, started_at=before, confirmed_at=before, verified_at=before)
    made.joiner("To come", 3)
    made.joiner("Elsewhere", -2, made.other)
    assert figures.hand_in_changes() == 2
    assert handed(made.site) == {("joiners", day(3)): 3, ("ready", day(3)): 1}
    assert handed(made.other) == {("joiners", day(2)): 1, ("ready", day(2)): 0}
    kpi = [one for one in kpis_in_use() if one.code == "readiness"]
    read = readings(Scope(frozenset([made.site.pk])), kpi, day(9), day(0))[()]["readiness"]
    assert (read.numerator, read.denominator, read.n) == (1, 3, 3)
    assert (figures.hand_in_changes(), figures.hand_in_again()) == (0, 0)


def test_what_comes_later_changes_no_day_that_has_passed(made: Wave) -> None:
    person = made.joiner("Ready", -3)
    before = at_nine(made.site, 3) - timedelta(hours=1)
    grants = made.give(person, made.desk, made.phone, started_at=before, confirmed_at=before, verified_at=before)
    figures.hand_in_changes()
    version(made, timezone.now(), made.desk, made.phone, EntitlementFactory.create())
    grants[0].reasons.update(ended_at=timezone.now())
    grants[0].ended_at = timezone.now()
    grants[0].save()
    assert figures.hand_in_again() == 0
    assert handed(made.site)["ready", day(3)] == 1


def test_a_corrected_start_moves_to_its_day(made: Wave) -> None:
    person = made.joiner("Corrected", -3)
    figures.hand_in_changes()
    assert handed(made.site)["joiners", day(3)] == 1
    for model in (Engagement, Placement):
        model.objects.filter(person=person).update(period=days(day(20)))
    assert figures.hand_in_changes() == 0, "nobody said that anything changed"
    figures.on_change(actor=SYSTEM, person_ids=[person.pk])
    assert figures.hand_in_changes() == 2
    assert {at for code, at in handed(made.site) if code == "joiners"} == {day(20)}
    assert HandInDue.objects.count() == 0


def test_who_needs_nothing_is_not_counted(made: Wave) -> None:
    made.bundle.archived_at = timezone.now() - timedelta(days=80)
    made.bundle.save()
    made.joiner("Free", -3)
    PlacementFactory.create(site=made.other)
    figures.hand_in_changes()
    assert handed(made.site) == {}
