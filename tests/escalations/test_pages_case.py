"""The page of a case: what it shows to whom, and what its forms do."""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from escalations import actions
from escalations.models import Case, TimelineEntry
from portal.accounts.rules import SYSTEM
from portal.audit.models import AuditEntry
from sla.models import Clock
from tests.escalations.pages_world import HTMX, World, issue_tree, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> World:
    return world()


def page(here: World, who: str, case: Case, query: str = "") -> str:
    response = here.client(who).get(f"/cases/{case.ref}/{query}")
    assert response.status_code == 200
    return response.content.decode()


def act(
    here: World, who: str, case: Case, name: str, data: dict[str, Any], *, htmx: bool = False, version: bool = True
) -> Any:
    """Post one of the case's forms as the page would."""
    case.refresh_from_db()
    said = {"version": case.version, **data} if version else data
    address = reverse(f"escalations:case-{name}", args=[case.ref])
    return here.client(who).post(address, said, headers=HTMX if htmx else {})


def buttons(html: str) -> set[str]:
    return set(re.findall(r'id="open-([a-z]+)"', html))


def test_facts_clocks_people_and_activity(here: World) -> None:
    issue = issue_tree()
    case = here.case(
        "Guest locked out overnight", by="coordinator", customer_ref="HX-7719402", contact_hint="Direct message first",
        issue_type_id=issue.pk, impact="money", urgency="today", channel="social",
    )  # fmt: skip
    html = page(here, "coordinator", case)
    for part in (
        "<h1>Guest locked out overnight</h1>", "Social media", "Chengdu · Bluewave", "HX-7719402", "Direct message first",
        "Stay › Check-in › Locked out", "Money × Today", "The door code does not work.", "Opened as S3",
        "First response", "Resolution", "Explain this due time", "target 1h of business time", "Asia/Shanghai", "Raised by",
    ):  # fmt: skip
        assert part in html, part
    assert "Next reply" not in html
    operations = {"assign", "severity", "state", "contact", "escalate", "details", "service", "merge", "sensitivity"}
    assert buttons(html) == operations
    assert 'name="verb" value="triage"' in html


@pytest.mark.parametrize(
    ("who", "shown"),
    {
        "coordinator": {"assign", "severity", "state", "contact", "escalate", "details", "service", "merge", "sensitivity"},
        "associate": {"assign", "severity", "state", "contact", "escalate", "details", "service", "merge", "sensitivity"},
        "lead": set(), "qa": set(), "agent": set(), "auditor": set(), "administrator": set(),
    }.items(),
)  # fmt: skip
def test_only_allowed_buttons_stand_there(here: World, who: str, shown: set[str]) -> None:
    case = here.case(by="agent")
    html = page(here, who, case)
    assert buttons(html) == shown
    assert ('name="text"' in html) is (who not in ("auditor", "administrator"))
    for name in ("assign", "severity", "state", "escalate", "details", "service", "merge", "sensitivity", "contact"):
        code = here.client(who).get(reverse(f"escalations:case-{name}", args=[case.ref])).status_code
        assert code == (200 if name in shown else 403)
        if name not in shown:
            assert act(here, who, case, name, {"verb": "start", "reason": "x"}).status_code == 403


def test_foreign_cases_are_not_there(here: World) -> None:
    case = here.case()
    for who in ("foreign_lead", "other_associate", "agent", "it"):
        client = here.client(who)
        assert client.get(f"/cases/{case.ref}/").status_code == 404
        for name in ("assign", "state", "note", "watch", "contact"):
            assert client.post(f"/cases/{case.ref}/{name}/", {"text": "x", "watch": "1"}).status_code == 404


def test_internal_notes_stay_inside(here: World) -> None:
    case = here.case(by="agent")
    actions.add_note(actor=here.actor("coordinator"), ref=case.pk, text="Supplier is known for this.", shared=False)
    actions.add_note(actor=here.actor("coordinator"), ref=case.pk, text="A room has been found.", shared=True)
    for who, sees in {
        "coordinator": True,
        "associate": True,
        "auditor": True,
        "lead": False,
        "qa": False,
        "agent": False,
    }.items():
        html = page(here, who, case)
        assert ("Supplier is known" in html) is sees, who
        assert ("Internal note" in html) is sees, who
        assert "A room has been found." in html
        assert ('id="note-internal"' in html) is (who in ("coordinator", "associate")), who
    assert "Supplier is known" not in page(here, "lead", case, "?show=notes")


def test_what_clocks_do_is_offered_to_the_company_alone(here: World) -> None:
    case = here.case(by="agent")
    for who, offered in {"coordinator": True, "auditor": True, "lead": False, "agent": False}.items():
        assert ('id="show-clocks"' in page(here, who, case)) is offered, who
    assert 'id="show-all" href="' in page(here, "lead", case, "?show=clocks")
    assert "Guest locked out" in page(here, "lead", case, "?show=clocks")


def test_the_stream_can_be_narrowed_and_paged(here: World) -> None:
    case = here.case("Long", description="First words")
    actions.log_contact(
        actor=SYSTEM, ref=case.pk, channel="phone", direction="out", outcome="reached", text="Called them back"
    )
    rows = [
        TimelineEntry(case=case, at=timezone.now(), kind="note", code="note.added", params={}, is_internal=True)
        for _ in range(205)
    ]
    TimelineEntry.objects.bulk_create(rows)
    whole, messages = page(here, "coordinator", case), page(here, "coordinator", case, "?show=messages")
    assert whole.count('<li id="e') == 200
    assert "First words" not in whole
    older = re.search(r'id="older" href="([^"#]+)', whole)
    assert older
    before = here.client("coordinator").get(older[1].replace("&amp;", "&")).content.decode()
    assert "First words" in before
    assert 'id="newer"' in before
    assert "Called them back" in messages
    assert "Contact" not in messages.partition("Activity")[0]
    assert "To the customer · Phone · Reached" in messages
    assert "Internal note" not in messages.partition('id="act"')[2].partition("composer")[0]


def test_a_breach_is_named(here: World) -> None:
    case = here.case()
    Clock.objects.filter(subject_id=case.pk, metric="first_response").update(
        started_at=timezone.now() - timedelta(hours=2), due_at=timezone.now() - timedelta(minutes=42)
    )
    html = page(here, "coordinator", case)
    assert "<strong>First response is 42m over.</strong>" in html
    assert "First response is" not in page(here, "coordinator", here.case("Calm"))


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
    assert "Not saved. Manager changed this case a moment ago." in late.content.decode()
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


def test_confidential_says_so_and_records_who_looked(here: World) -> None:
    case = here.case(by="coordinator")
    before = AuditEntry.objects.filter(verb="case.viewed").count()
    page(here, "associate", case)
    assert AuditEntry.objects.filter(verb="case.viewed").count() == before
    gone = act(here, "coordinator", case, "sensitivity", {"sensitivity": "confidential"}, htmx=True)
    assert (gone.status_code, gone["HX-Redirect"]) == (204, "/queue/")
    html = page(here, "associate", case)
    assert "Confidential" in html
    assert "Each opening of this page is recorded." in html
    seen = AuditEntry.objects.get(verb="case.viewed", subject_id=case.pk)
    assert seen.actor_id == here.users["associate"].pk


def test_languages_of_text_are_marked_and_nothing_runs(here: World) -> None:
    case = here.case("门锁没电了", description="<b>旅客</b> http://evil.example <script>x()</script>")
    html = page(here, "coordinator", case)
    assert '<h1 lang="zh-Hans">门锁没电了</h1>' in html
    assert 'class="pre" lang="zh-Hans"' in html
    assert "&lt;script&gt;x()" in html
    assert 'href="http://evil.example' not in html
    here.users["coordinator"].language = "zh-hans"
    here.users["coordinator"].save()
    assert "<h1>门锁没电了</h1>" in page(here, "coordinator", case)


def test_two_hundred_entries_cost_what_one_costs(here: World) -> None:
    case = here.case(by="agent")
    actions.assign(actor=here.actor("coordinator"), ref=case.pk, owner_id=here.users["associate"].pk)

    def cost(who: str) -> int:
        client = here.client(who)
        client.get(f"/cases/{case.ref}/")
        with CaptureQueriesContext(connection) as caught:
            client.get(f"/cases/{case.ref}/")
        return len(caught.captured_queries)

    few = {who: cost(who) for who in ("coordinator", "manager", "associate", "service_lead", "lead", "agent")}
    for n in range(60):
        actions.add_note(actor=here.actor("coordinator"), ref=case.pk, text=f"Note {n}", shared=True)
        owner = here.users["coordinator" if n % 2 else "associate"].pk
        if case.owner_id != owner:
            actions.assign(actor=SYSTEM, ref=case.pk, owner_id=owner) if n else None
            case.refresh_from_db()
    assert {who: cost(who) for who in few} == few
    assert max(few.values()) <= 12, few


@pytest.mark.parametrize("ref", ["EC-0", "EC-9999999999999999999", "x", "EC-", "EC-1%00", "%2e%2e", "EC-٣"])
def test_bad_references_are_not_there(here: World, ref: str) -> None:
    client = here.client("coordinator")
    assert client.get(f"/cases/{ref}/").status_code == 404


def test_a_bare_number_leads_to_the_reference(here: World) -> None:
    case = here.case()
    assert here.client("coordinator").get(f"/cases/{case.pk}/")["Location"] == f"/cases/{case.ref}/"


def test_posts_only_where_something_changes(here: World) -> None:
    case = here.case()
    client = here.client("coordinator")
    addresses: Iterable[str] = (f"/cases/{case.ref}/note/", f"/cases/{case.ref}/watch/", reverse("escalations:undo"))
    for address in addresses:
        assert client.get(address).status_code == 405
    for method in (client.put, client.delete, client.patch):
        assert method(f"/cases/{case.ref}/").status_code == 405
        assert method(f"/cases/{case.ref}/assign/").status_code == 405
