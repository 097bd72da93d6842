"""Actions on pages of others, on "My day", and in the next meeting of a series."""

from datetime import date, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from reviews.access.sources import get_source
from reviews.actions import actions as acts
from reviews.models import Series
from tests.escalations.pages_world import World, world
from tests.factories.kpis import site_facts
from tests.factories.reviews import EngagementFactory, FindingFactory
from tests.reviews.action_world import done, in_days, raised

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> World:
    return world()


def page_of(made: World, who: str, url: str) -> str:
    return made.client(who).get(url).content.decode()


def test_on_a_case_with_the_way_to_raise_one(made: World) -> None:
    case = made.case()
    page = page_of(made, "coordinator", f"/cases/{case.ref}/")
    assert f"/reviews/actions/new/?from=case%3A{case.ref}" in page
    form = page_of(made, "coordinator", f"/reviews/actions/new/?from=case:{case.ref}")
    assert case.subject in form
    given = {
        "title": "Change the lock",
        "owner": made.users["lead"].pk,
        "due": (timezone.localdate() + timedelta(days=9)).isoformat(),
    }
    page = (
        made.client("coordinator")
        .post(f"/reviews/actions/new/?from=case:{case.ref}", given, follow=True)
        .content.decode()
    )
    assert f"/cases/{case.ref}/" in page
    assert "Change the lock" in page_of(made, "lead", f"/cases/{case.ref}/")
    assert "Raise an action" not in page_of(made, "auditor", f"/cases/{case.ref}/")
    assert "Change the lock" not in page_of(made, "associate", f"/cases/{case.ref}/")


def test_on_the_page_of_the_site_and_its_scorecard(made: World) -> None:
    code = made.site.code
    raised(made)
    assert "Coach the late shift" in page_of(made, "lead", reverse("partners:site", args=[code]))
    site_facts(made.site, date(2026, 11, 9), date(2026, 11, 15))
    page = page_of(made, "coordinator", f"/performance/sites/{code}/?period=2026-W46&kpi=service-level")
    assert f"/reviews/actions/new/?from=scorecard%3A{code}%3Aservice-level%3A2026-W46" in page


def test_out_of_a_finding_a_cell_and_a_meeting(made: World) -> None:
    finding = FindingFactory.create(site=made.site)
    meeting = EngagementFactory.create(site=made.site)
    for key, title in {
        f"finding:{finding.pk}": finding.title, f"meeting:{meeting.pk}": meeting.title,
        f"scorecard:{made.site.code}:service-level:2026-W46": "Service level",
    }.items():  # fmt: skip
        action = raised(made, origin=get_source(made.actor("coordinator"), key))
        page = page_of(made, "coordinator", f"/reviews/actions/{action.ref}/")
        assert "Came out of" in page
        assert title in page


def test_my_day_shows_what_is_due_within_a_week(made: World) -> None:
    raised(made, title="Due soon", due_at=in_days(3))
    raised(made, title="Due later", due_at=in_days(30))
    done(made, raised(made, title="Done already", due_at=in_days(2)))
    page = page_of(made, "lead", "/")
    assert "Due soon" in page
    assert "Due later" not in page
    assert "Done already" not in page
    assert "Actions due" not in page_of(made, "qa", "/")


def test_open_ones_are_carried_over_once(made: World) -> None:
    days = {"first_day": date(2026, 11, 17), "last_day": date(2027, 5, 17), "at": time(10), "minutes": 60}
    series = Series.objects.create(
        kind="ops_call",
        title="Ops call",
        site=made.site,
        rule="FREQ=WEEKLY",
        time_zone="Asia/Shanghai",
        made_by=made.users["coordinator"],
        **days,
    )
    first = EngagementFactory.create(site=made.site, series=series, occurrence=days["first_day"])
    following = EngagementFactory.create(
        site=made.site, series=series, occurrence=date(2026, 11, 24), title="Ops call of the week after"
    )
    origin = get_source(made.actor("coordinator"), f"meeting:{first.pk}")
    action, other = raised(made, origin=origin), done(made, raised(made, origin=origin))
    for _twice in range(2):
        assert acts.carry_over(actor=made.actor("coordinator"), engagement=following) == [action]
    assert [one.code for one in action.events.all()] == ["action.raised", "action.carried"]
    assert other.pk != action.pk
    assert following.title in page_of(made, "lead", f"/reviews/actions/{action.ref}/")
