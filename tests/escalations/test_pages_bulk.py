"""Several cases at once, from the queue."""

import re
from typing import Any

import pytest
from django.urls import reverse

from escalations import actions
from escalations.models import Case
from portal.accounts.rules import SYSTEM
from tests.escalations.pages_world import HTMX, World, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> World:
    return world()


def bulk(here: World, op: str, cases: list[Case], *, who: str = "coordinator", htmx: bool = False, **more: Any) -> Any:
    data = {"op": op, "case": [case.pk for case in cases], "next": "/queue/?tab=open&severity=3", **more}
    return here.client(who).post(reverse("escalations:bulk"), data, headers=HTMX if htmx else {})


def test_the_bar_asks_in_a_dialog_and_on_a_page(here: World) -> None:
    cases = [here.case("One"), here.case("Two", service_id=here.other_service.pk)]
    query = {"op": "assign", "case": [case.pk for case in cases], "next": "/queue/?tab=mine"}
    address = reverse("escalations:bulk")
    whole = here.client("coordinator").get(address, query).content.decode()
    part = here.client("coordinator").get(address, query, headers=HTMX).content.decode()
    for html in (whole, part):
        assert "2 cases: EC-" in html
        assert "Associate (0 open)" in html
        assert "Other Associate (0 open)" in html
        assert 'name="next" value="/queue/?tab=mine"' in html
    assert 'hx-target="#results"' in part
    assert "<html" not in part


def test_a_result_for_each_case(here: World) -> None:
    good, done, foreign = here.case("Good"), here.case("Done"), here.case("Foreign", site_id=here.other_site.pk)
    actions.set_state(actor=SYSTEM, ref=done.pk, verb="triage")
    answer = bulk(here, "state", [good, done, foreign], verb="triage", reason="", htmx=True)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert html.startswith('<section id="results"')
    panel = html[html.index('id="bulk-results"') :]
    assert "2 cases were not changed" in panel
    assert f"{done.ref}</th><td>This is not possible in the case&#x27;s present state." in panel
    assert f"{foreign.ref}</th><td>There is no such case, or it is not yours to see." in panel
    assert "Foreign" not in html
    assert "1 case changed" in html
    good.refresh_from_db()
    assert good.state == "triaged"


def test_without_script_a_page_tells(here: World) -> None:
    cases = [here.case(f"Case {n}") for n in range(3)]
    html = bulk(here, "severity", cases, impact="legal", urgency="now").content.decode()
    assert "3 cases changed" in html
    assert 'href="/queue/?tab=open&amp;severity=3"' in html
    assert set(Case.objects.values_list("severity", flat=True)) == {1}


def test_assign_and_escalate(here: World) -> None:
    cases = [here.case("One"), here.case("Two")]
    bulk(here, "assign", cases, owner=here.users["associate"].pk, note="Yours")
    assert set(Case.objects.values_list("owner__name", flat=True)) == {"Associate"}
    bulk(here, "escalate", cases, reason="The press called")
    assert set(Case.objects.values_list("escalation_level", flat=True)) == {1}


def test_several_are_taken_back_at_once_except_what_has_changed_since(here: World) -> None:
    cases = [here.case(f"Case {n}") for n in range(3)]
    html = bulk(here, "assign", cases, owner=here.users["associate"].pk, htmx=True).content.decode()
    found = re.search(r'hx-post="(/cases/undo/[^"]*)"', html)
    assert found
    actions.set_state(actor=SYSTEM, ref=cases[0].pk, verb="start")
    client = here.client("coordinator")
    assert client.post(found[1], headers=HTMX)["HX-Refresh"] == "true"
    assert "2 of 3 cases undone. The others have changed since." in client.get("/queue/").content.decode()
    assert list(Case.objects.order_by("pk").values_list("owner__name", flat=True)) == ["Associate", None, None]
    page = bulk(here, "severity", cases[1:], impact="legal", urgency="now").content.decode()
    back = re.search(r'action="(/cases/undo/[^"]*)"', page)
    assert back
    assert here.client("associate").post(back[1]).status_code == 404
    answer = client.post(back[1], follow=True)
    assert "2 cases: undone" in answer.content.decode()
    assert set(Case.objects.values_list("severity", flat=True)) == {3}


def test_as_many_as_can_be_picked_can_be_taken_back(here: World) -> None:
    cases = [here.case(f"Case {n}") for n in range(200)]
    html = bulk(here, "assign", cases, owner=here.users["associate"].pk, htmx=True).content.decode()
    found = re.search(r'hx-post="(/cases/undo/[^"]*)"', html)
    assert found
    assert here.client("coordinator").post(found[1]).status_code == 302
    assert not Case.objects.exclude(owner=None).exists()


def test_what_is_missing_is_asked_for_again(here: World) -> None:
    case = here.case()
    short = bulk(here, "state", [case], verb="reject", htmx=True)
    assert (short.status_code, short["HX-Retarget"]) == (422, "#bulk-state")
    assert "Choose why the case is not taken on." in short.content.decode()
    nothing = bulk(here, "state", [], verb="triage")
    assert nothing.status_code == 422
    assert "Pick at least one case." in nothing.content.decode()


def test_too_many_at_once_are_refused(here: World) -> None:
    data = {"op": "escalate", "case": list(range(1, 250)), "reason": "x"}
    answer = here.client("coordinator").post(reverse("escalations:bulk"), data)
    assert answer.status_code == 422
    assert "Choose at most 200 cases." in answer.content.decode()


def test_it_never_leads_elsewhere(here: World) -> None:
    for bad in ("https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"):
        html = bulk(here, "state", [here.case()], verb="triage", next=bad).content.decode()
        assert "evil" not in html
        assert "javascript" not in html
        assert 'href="/queue/">Back to the queue' in html


@pytest.mark.parametrize("who", ["lead", "qa", "agent", "auditor", "administrator"])
def test_who_does_not_work_cases_has_no_bulk(here: World, who: str) -> None:
    case = here.case(by="agent")
    assert bulk(here, "state", [case], who=who, verb="triage").status_code == 404
    case.refresh_from_db()
    assert case.state == "new"
