"""A person over time: employment, placements, loans, leave, access and cases, as lanes and as a list."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from escalations.models import Case
from partners import queries
from partners.models import Person, Site
from partners.queries.lives import Course
from portal.accounts.choices import Role
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM
from tests.factories.access import EntitlementFactory, GrantFactory, SystemFactory
from tests.factories.escalations import CaseFactory
from tests.factories.partners import (
    EngagementFactory,
    LeaveFactory,
    PersonFactory,
    PlacementFactory,
    ProgrammeFactory,
    SiteFactory,
    TeamFactory,
    days,
    signed_in,
    user,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)


@pytest.fixture
def site() -> Site:
    site: Site = SiteFactory.create(code="CTU", name="Chengdu", partner__name="Bluewave")
    return site


@pytest.fixture
def wang(site: Site) -> Person:
    """Joined in 2024, moved once, was lent once, had a week off, left, and came back."""
    hosts = ProgrammeFactory.create(site=site, name="Hosts")
    lotus, bamboo = (TeamFactory.create(programme=hosts, name=name) for name in ("Lotus", "Bamboo"))
    wang: Person = PersonFactory.create(name="Wang Fang")
    for period in (days("2024-03-01", "2026-03-31"), days("2026-06-01")):
        EngagementFactory.create(person=wang, employer=site.partner, period=period)
    for team, period in (
        (lotus, days("2024-03-01", "2025-06-30")),
        (bamboo, days("2025-07-01", "2026-03-31")),
        (lotus, days("2026-06-01")),
    ):
        PlacementFactory.create(person=wang, site=site, team=team, programme=hosts, period=period)
    PlacementFactory.create(
        person=wang, site=SiteFactory.create(partner=site.partner, name="Manila"), kind="loan",
        period=days("2025-09-01", "2025-09-30"),
    )  # fmt: skip
    LeaveFactory.create(person=wang, period=days("2026-11-02", "2026-11-08"))
    return wang


def course(wang: Person) -> Course:
    found = queries.course_of(
        SYSTEM, wang,
        engagements=list(queries.engagements_of(SYSTEM, wang)), placements=list(queries.placements_of(SYSTEM, wang)),
        leave=queries.leave_of(wang), day=NOW.date(),
    )  # fmt: skip
    assert found
    return found


def told(found: Course) -> list[str]:
    return [f"{m.day} {m.text}" for m in (*found.latest, *found.earlier)]


def page_of(client: Client, wang: Person) -> Any:
    return client.get(reverse("partners:person", args=[wang.pk]))


@time_machine.travel(NOW, tick=False)
def test_what_happened_is_told_newest_first(wang: Person) -> None:
    assert told(course(wang)) == [
        "2026-11-02 Annual leave",
        "2026-06-01 Rehired by Bluewave",
        "2026-06-01 Placed in Lotus, Chengdu",
        "2026-03-31 Last day at Bluewave",
        "2025-09-30 Last day on loan to Manila",
        "2025-09-01 On loan to Manila",
        "2025-07-01 Transferred to Bamboo, Chengdu",
        "2024-03-01 Joined Bluewave",
        "2024-03-01 Placed in Lotus, Chengdu",
    ]


@time_machine.travel(NOW, tick=False)
def test_lanes_are_to_scale(wang: Person) -> None:
    found = course(wang)
    lanes = {lane.label: lane.bars for lane in found.lanes}
    assert list(lanes) == ["Employment", "Placement", "On loan", "Leave"]
    assert (found.first, found.last) == (date(2024, 3, 1), date(2026, 11, 21))
    assert [len(bars) for bars in lanes.values()] == [2, 3, 1, 1]
    whole = (date(2026, 11, 21) - date(2024, 3, 1)).days + 1
    old = next(bar for bar in lanes["Employment"] if bar.x == "0.00%")
    assert old.width == f"{100 * (date(2026, 4, 1) - date(2024, 3, 1)).days / whole:.2f}%"
    new = next(bar for bar in lanes["Employment"] if bar is not old)
    assert float(new.x[:-1]) + float(new.width[:-1]) == pytest.approx(100, abs=0.02)
    assert [year for year, _x in found.marks] == [2025, 2026]


@time_machine.travel(NOW, tick=False)
def test_access_and_cases_have_lanes_for_those_who_may_read_them(wang: Person, site: Site) -> None:
    crm = EntitlementFactory.create(name="Agent seat", system=SystemFactory.create(name="CRM"))
    GrantFactory.create(
        person=wang, entitlement=crm, started_at=NOW - timedelta(days=30), ended_at=NOW - timedelta(days=10)
    )
    raiser = user(Role.PARTNER_LEAD, site=site)
    raiser.person = wang
    raiser.save()
    case: Case = CaseFactory.create(actor=actor_for(raiser), site=site, subject="Guest locked out")
    lead = signed_in(Role.PARTNER_LEAD, site=site)
    page = page_of(lead, wang)
    lanes = [lane.label for lane in page.context["course"].lanes]
    assert lanes == ["Employment", "Placement", "Leave", "Access", "Cases"], (
        "the loan is at a site that is not the lead’s"
    )
    for text in ("Access began", "CRM: Agent seat", "Access ended", f"Raised {case.ref}", "Guest locked out"):
        assert text in page.text, text
    assert page.text.count('<svg class="lane"') == 5
    quality = page_of(signed_in(Role.PARTNER_QA, site=SiteFactory.create()), wang)
    assert quality.status_code == 404


@time_machine.travel(NOW, tick=False)
def test_long_lives_are_folded_and_cost_no_more_queries(
    wang: Person, site: Site, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(Role.COORDINATOR, site=site)
    page_of(client, wang)
    for number in range(40):
        one = EntitlementFactory.create()
        GrantFactory.create(person=wang, entitlement=one, started_at=NOW - timedelta(days=3 * number + 1))
        LeaveFactory.create(
            person=wang,
            period=days(date(2024, 4, 1) + timedelta(days=2 * number), date(2024, 4, 1) + timedelta(days=2 * number)),
        )
    with django_assert_max_num_queries(20):
        page = page_of(client, wang)
    assert len(page.context["course"].latest) == 12
    assert "earlier</summary>" in page.text


def test_somebody_of_whom_nothing_is_known_has_no_course(site: Site) -> None:
    nobody: Person = PersonFactory.create()
    page = page_of(signed_in(Role.ADMINISTRATOR), nobody)
    assert page.status_code == 200
    assert "Over time" not in page.text


@time_machine.travel(NOW, tick=False)
def test_far_days_are_drawn_too(site: Site) -> None:
    far: Person = PersonFactory.create()
    EngagementFactory.create(person=far, employer=site.partner, period=days("1970-01-01", "2199-12-31"))
    PlacementFactory.create(person=far, site=site, period=days("2026-11-20", "2026-11-20"))
    found = course(far)
    assert len(found.marks) <= 24
    assert all(0 <= float(bar.x[:-1]) <= 100 for lane in found.lanes for bar in lane.bars)
