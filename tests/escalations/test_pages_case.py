"""The page of a case: what it shows to whom."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from escalations import actions
from escalations.models import TimelineEntry
from portal.accounts.rules import SYSTEM
from portal.audit.models import AuditEntry
from sla.models import Clock
from tests.escalations.case_page import act, buttons, page
from tests.escalations.pages_world import World, issue_tree, world

pytestmark = pytest.mark.django_db

OPERATIONS = {
    "assign", "severity", "state", "contact", "escalate", "details", "service", "merge", "sensitivity", "fact", "card", "macro", "link",
    "handover", "consult", "regulate", "pack",
}  # fmt: skip


@pytest.fixture
def here() -> World:
    return world()


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
    assert buttons(html) == OPERATIONS | {"give"}
    assert 'name="verb" value="triage"' in html


@pytest.mark.parametrize(
    ("who", "shown"),
    {
        "coordinator": OPERATIONS | {"give"},
        "associate": OPERATIONS,
        "lead": set(), "qa": set(), "agent": set(), "auditor": set(), "administrator": set(),
    }.items(),
)  # fmt: skip
def test_only_allowed_buttons_stand_there(here: World, who: str, shown: set[str]) -> None:
    case = here.case(by="agent")
    html = page(here, who, case)
    assert buttons(html) == shown
    assert ('name="text"' in html) is (who not in ("auditor", "administrator"))
    for name in OPERATIONS:
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
