"""What the forms and buttons of a case's page do."""

import re
from collections.abc import Iterable

import pytest
from django.urls import reverse

from escalations import actions
from portal.accounts.rules import SYSTEM
from tests.escalations.case_page import act, page
from tests.escalations.pages_world import HTMX, World, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> World:
    return world()


def test_assigning_with_open_counts_and_undo(here: World) -> None:
    case, other = here.case(), here.case("Other")
    actions.assign(actor=SYSTEM, ref=other.pk, owner_id=here.users["associate"].pk)
    form = here.client("coordinator").get(f"/cases/{case.ref}/assign/", headers=HTMX).content.decode()
    assert "Associate (1 open)" in form
    done = act(
        here, "coordinator", case, "assign", {"owner": here.users["associate"].pk, "note": "Be quick"}, htmx=True
    )
    html = done.content.decode()
    assert done.status_code == 200
    for region in ("case-head", "case-main", "case-rail"):
        assert re.search(rf'id="{region}"[^>]* hx-swap-oob="true"', html)
    assert f"{case.ref} assigned to Associate" in html
    assert "Be quick" in html
    found = re.search(r'data-undo hx-post="([^"]+)"', html)
    assert found
    undo = found[1].replace("&amp;", "&")
    case.refresh_from_db()
    assert case.owner_id == here.users["associate"].pk
    assert here.client("manager").post(undo, headers=HTMX).status_code == 404
    assert here.client("coordinator").post(undo, headers=HTMX)["HX-Refresh"] == "true"
    case.refresh_from_db()
    assert case.owner_id is None
    again = here.client("coordinator").post(undo, headers=HTMX)
    assert again.status_code == 409
    assert "Coordinator changed this case a moment ago" in again.content.decode()


def test_severity_by_matrix_signal_and_override(here: World) -> None:
    case = here.case()
    act(here, "coordinator", case, "severity", {"impact": "people", "urgency": "week"})
    case.refresh_from_db()
    assert case.severity == 2
    short = act(here, "coordinator", case, "severity", {"impact": "people", "urgency": "week", "override": "4"})
    assert short.status_code == 422
    assert "Say why the matrix does not fit." in short.content.decode()
    act(here, "coordinator", case, "severity", {"impact": "minor", "urgency": "week", "signals": ["safety"]})
    case.refresh_from_db()
    assert case.severity == 1
    preview = here.client("coordinator").get(
        reverse("escalations:severity-preview"), {"service": here.service.pk, "impact": "money", "urgency": "now"}
    )
    assert 'data-sev="2"' in preview.content.decode()


def test_state_buttons_do_what_they_say(here: World) -> None:
    case = here.case()
    done = act(here, "coordinator", case, "state", {"verb": "triage"}, htmx=True)
    assert f"{case.ref}: Triaged" in done.content.decode()
    short = act(here, "coordinator", case, "state", {"verb": "reject"})
    assert short.status_code == 422
    assert "Choose why the case is not taken on." in short.content.decode()
    impossible = act(here, "coordinator", case, "state", {"verb": "reopen"})
    assert impossible.status_code == 422
    act(here, "coordinator", case, "state", {"verb": "resolve", "reason": "All is well"})
    html = page(here, "coordinator", case)
    assert "Resolved" in html
    assert "All is well" in html
    assert 'name="verb" value="reopen"' in html


def test_the_second_of_two_sees_what_happened_and_keeps_the_words(here: World) -> None:
    case = here.case()
    old = case.version
    actions.set_state(actor=here.actor("manager"), ref=case.pk, verb="triage")
    said = {"version": old, "owner": here.users["associate"].pk, "note": "My long handover note"}
    address = f"/cases/{case.ref}/assign/"
    late = here.client("coordinator").post(address, said, headers=HTMX)
    assert late.status_code == 409
    assert "Not saved. Manager changed this case a moment ago. New → Triaged." in late.content.decode()
    assert f'href="/cases/{case.ref}/"' in late.content.decode()
    plain = here.client("coordinator").post(address, said)
    html = plain.content.decode()
    assert plain.status_code == 409
    for part in ("Not saved. Manager changed this case", "My long handover note", "Triaged", "Reload"):
        assert part in html
    case.refresh_from_db()
    assert case.owner_id is None
    assert f'name="version" value="{case.version}"' in html


def test_a_refused_form_comes_back_where_it_was(here: World) -> None:
    case = here.case()
    empty = here.client("coordinator").post(f"/cases/{case.ref}/note/", {"text": "", "shared": "0"}, headers=HTMX)
    assert (empty.status_code, empty["HX-Retarget"], empty["HX-Reswap"]) == (422, "#composer", "outerHTML")
    assert "This field is required." in empty.content.decode()
    whole = here.client("coordinator").post(f"/cases/{case.ref}/note/", {"text": ""})
    assert whole.status_code == 422
    assert "<h1" in whole.content.decode()
    wrong = act(
        here,
        "coordinator",
        case,
        "contact",
        {"channel": "phone", "direction": "in", "outcome": "voicemail", "text": "x"},
        htmx=True,
    )
    assert (wrong.status_code, wrong["HX-Retarget"]) == (422, "#do-contact")
    assert "Choose an outcome that fits the direction." in wrong.content.decode()


def test_a_contact_meets_the_first_response(here: World) -> None:
    case = here.case()
    act(
        here,
        "coordinator",
        case,
        "contact",
        {"channel": "phone", "direction": "out", "outcome": "reached", "text": "Spoke"},
    )
    html = page(here, "coordinator", case)
    assert "Met in" in html
    assert "Spoke" in html


def test_watching(here: World) -> None:
    case = here.case(by="agent")
    assert "Stop watching" not in page(here, "coordinator", case)
    act(here, "coordinator", case, "watch", {"watch": "1"}, version=False)
    assert "Stop watching" in page(here, "coordinator", case)
    assert "Watching" not in page(here, "lead", case)
    act(here, "coordinator", case, "watch", {"watch": "0"}, version=False)
    assert "Stop watching" not in page(here, "coordinator", case)


def test_words_can_be_removed_for_good(here: World) -> None:
    case = here.case()
    entry = actions.add_note(actor=here.actor("associate"), ref=case.pk, text="Card number 4111", shared=False)
    address = reverse("escalations:case-redact", args=[case.ref, entry.pk])
    assert "cannot be brought back" in here.client("associate").get(address).content.decode()
    assert here.client("lead").post(address).status_code == 404
    here.client("associate").post(address)
    html = page(here, "coordinator", case)
    assert "4111" not in html
    assert "These words were removed" in html


def test_posts_only_where_something_changes(here: World) -> None:
    case = here.case()
    client = here.client("coordinator")
    addresses: Iterable[str] = (f"/cases/{case.ref}/note/", f"/cases/{case.ref}/watch/", reverse("escalations:undo"))
    for address in addresses:
        assert client.get(address).status_code == 405
    for method in (client.put, client.delete, client.patch):
        assert method(f"/cases/{case.ref}/").status_code == 405
        assert method(f"/cases/{case.ref}/assign/").status_code == 405
