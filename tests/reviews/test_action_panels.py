"""Actions on pages of others, on "My day", and in the next meeting of a series."""

import re
from datetime import date, time, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from escalations import actions as cases
from kpis.models import Kpi
from reviews.access.sources import get_source
from reviews.actions import actions as acts
from reviews.models import Series
from tests.escalations.pages_world import HTMX, World, world
from tests.factories.kpis import site_facts
from tests.factories.reviews import EngagementFactory, FindingFactory
from tests.my_day import my_day
from tests.reviews.action_world import done, in_days, raised

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> World:
    return world()


def page_of(made: World, who: str, url: str) -> str:
    return made.client(who).get(url).content.decode()


def panel_of(made: World, who: str, url: str) -> str:
    """The panel of actions that a page asks for when it stands; empty where it asks for none."""
    found = re.search(r'hx-get="(/reviews/actions/of-[^"]+)" hx-trigger="load"', page_of(made, who, url))
    if found is None:
        return ""
    response = made.client(who).get(unescape(found[1]), headers=HTMX)
    assert response.status_code == 200
    return response.content.decode()


def test_on_a_case_with_the_way_to_raise_one(made: World) -> None:
    case = made.case()
    page = panel_of(made, "coordinator", f"/cases/{case.ref}/")
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
    assert "Change the lock" in panel_of(made, "lead", f"/cases/{case.ref}/")
    page = panel_of(made, "auditor", f"/cases/{case.ref}/")
    assert "Change the lock" in page
    assert "Raise an action" not in page
    assert panel_of(made, "associate", f"/cases/{case.ref}/") == ""


def test_without_script_a_link_leads_to_a_page_of_its_own(made: World) -> None:
    case = made.case()
    raised(made, origin=get_source(made.actor("coordinator"), f"case:{case.ref}"))
    url = f"/reviews/actions/of-case/{case.ref}/"
    assert f'href="{url}">Actions of {case.ref}</a>' in page_of(made, "lead", f"/cases/{case.ref}/")
    page = page_of(made, "lead", url)
    assert f"<h1>Actions of {case.ref}</h1>" in page
    assert "Coach the late shift" in page
    assert f'href="/cases/{case.ref}/"' in page
    fragment = made.client("lead").get(url, headers=HTMX).content.decode()
    assert fragment.lstrip().startswith("<section")


def test_the_panel_of_a_case_is_there_for_who_sees_the_case(made: World) -> None:
    case = made.case()
    url = f"/reviews/actions/of-case/{case.ref}/"
    for who in ("foreign_lead", "associate", "agent"):
        assert made.client(who).get(url, headers=HTMX).status_code == 404, who
    cases.set_sensitivity(actor=made.actor("service_lead"), ref=case.pk, sensitivity="confidential")
    for who in ("coordinator", "lead", "administrator"):
        assert made.client(who).get(url, headers=HTMX).status_code == 404, who
    for absent in ("EC-0", "EC-987654", "x", "EC-1%00", "EC-99999999999999999999"):
        assert made.client("auditor").get(f"/reviews/actions/of-case/{absent}/").status_code == 404


@pytest.mark.parametrize("path", ["site/x", "site/%00", "scorecard/x", "scorecard/CTU/?kpi=service-level&period=%00"])
def test_what_is_not_there_has_no_panel(made: World, path: str) -> None:
    path = path.replace("CTU", made.site.code)
    assert made.client("coordinator").get(f"/reviews/actions/of-{path}", follow=True).status_code == 404
    assert made.client("foreign_lead").get(f"/reviews/actions/of-site/{made.site.code}/").status_code == 404
    assert made.client("foreign_lead").get(f"/reviews/actions/of-scorecard/{made.site.code}/").status_code == 404


def test_a_panel_costs_the_same_for_one_action_and_for_many(made: World) -> None:
    case, client, counted = made.case(), made.client("coordinator"), []
    for more in (1, 8):
        for _at in range(more):
            raised(made, origin=get_source(made.actor("coordinator"), f"case:{case.ref}"))
        asked = []
        for path in (f"case/{case.ref}", f"site/{made.site.code}", f"scorecard/{made.site.code}"):
            with CaptureQueriesContext(connection) as caught:
                client.get(f"/reviews/actions/of-{path}/", headers=HTMX)
            asked.append(len(caught))
        counted.append(asked)
    assert counted[0] == counted[1]
    assert max(counted[0]) <= 10


def test_on_the_page_of_the_site_and_its_scorecard(made: World) -> None:
    code = made.site.code
    raised(made)
    assert "Coach the late shift" in panel_of(made, "lead", reverse("partners:site", args=[code]))
    site_facts(made.site, date(2026, 11, 9), date(2026, 11, 15))
    page = panel_of(made, "coordinator", f"/performance/sites/{code}/?period=2026-W46&kpi=service-level")
    assert f"/reviews/actions/new/?from=scorecard%3A{code}%3Aservice-level%3A2026-W46" in page


def test_of_a_kpi_that_is_archived_the_panel_is_there_without_the_cell(made: World) -> None:
    raised(made, origin=get_source(made.actor("coordinator"), f"scorecard:{made.site.code}:service-level:2026-W46"))
    Kpi.objects.filter(code="service-level").update(archived_at=timezone.now())
    url = f"/reviews/actions/of-scorecard/{made.site.code}/?kpi=service-level&period=2026-W46"
    page = made.client("coordinator").get(url, headers=HTMX)
    assert page.status_code == 200
    assert "Coach the late shift" in page.content.decode()
    assert f"/reviews/actions/new/?place=site-{made.site.code}" in page.content.decode()


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
    page = my_day(made.client("lead"))
    assert "Due soon" in page
    assert "Due later" not in page
    assert "Done already" not in page
    assert "Actions due" not in my_day(made.client("qa"))


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
