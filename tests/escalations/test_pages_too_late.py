"""What somebody writes while the case is merged, ended or given away: the form says why, their words stay, nothing is written."""

import html as markup
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from escalations import actions
from escalations.models import Case, Consult, Handover, OutboundMail, TimelineEntry
from portal.accounts.rules import SYSTEM
from portal.audit.models import AuditEntry
from tests.escalations.case_page import page
from tests.escalations.pages_world import HTMX, World, world
from tests.factories.case_mail import ServiceMailboxFactory

pytestmark = pytest.mark.django_db

WORDS = "They wait at the door of No. 7"
MERGED = "The case was merged. Go on in the one it was merged into."
NOT_NOW = "This is not possible in the case's present state."
DOORS = [{}, HTMX]
IDS = ["page", "htmx"]
ALL = ("contact", "mail", "fact", "card", "link", "handover", "consult", "escalate")
# While a case is resolved one can still write to the customer and note what is known.
WHILE_OPEN = ("handover", "escalate")


@pytest.fixture
def here() -> World:
    made = world()
    ServiceMailboxFactory(service=made.service)
    return made


@pytest.fixture
def case(here: World) -> Case:
    return here.case_in_work()


def said_in(here: World, name: str) -> dict[str, Any]:
    """A form as it was filled in."""
    lead = here.users["service_lead"].pk
    tomorrow = (timezone.localtime() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    forms: dict[str, dict[str, Any]] = {
        "contact": {"channel": "phone", "direction": "outbound", "outcome": "reached", "text": WORDS},
        "mail": {"to": "guest@guest.test", "subject": "Door", "text": WORDS, "once": str(uuid.uuid4())},
        "fact": {"text": WORDS, "key": "", "source": "customer"},
        "card": {"avoid": WORDS, "source": "customer"},
        "link": {"other": here.case("Another").ref, "said": "related"},
        "handover": {"target": f"person:{lead}", "done": WORDS, "open": "x", "promised": "x", "nothing_risks": "on"},
        "consult": {"person": str(lead), "question": WORDS, "due_at": tomorrow},
        "escalate": {"reason": WORDS},
        "macro": {"macro": "", "language": "en"},
    }
    return forms[name]


def merged(here: World, case: Case) -> None:
    actions.merge(actor=SYSTEM, source=case.ref, target=here.case("Goes on").ref, reason="Same")


def resolved(here: World, case: Case) -> None:
    actions.set_state(actor=SYSTEM, ref=case.ref, verb="resolve")


def rejected(here: World, case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(state="rejected", reject_reason="duplicate")


def counts() -> list[int]:
    trail = AuditEntry.objects.filter(subject_type="case").count()
    return [trail, *(one.objects.count() for one in (Case, TimelineEntry, OutboundMail, Handover, Consult))]


def send(here: World, who: str, case: Case, name: str, said: dict[str, Any], headers: dict[str, str]) -> Any:
    return here.client(who).post(f"/cases/{case.ref}/{name}/", said, headers=headers)


@pytest.mark.parametrize("headers", DOORS, ids=IDS)
@pytest.mark.parametrize("name", ALL)
def test_merged_meanwhile(here: World, case: Case, name: str, headers: dict[str, str]) -> None:
    said = said_in(here, name)
    assert here.client("associate").get(f"/cases/{case.ref}/{name}/").status_code == 200
    merged(here, case)
    before = counts()
    response = send(here, "associate", case, name, said, headers)
    shown = markup.unescape(response.content.decode())
    assert response.status_code == 422
    assert shown.count(MERGED) == (2 if name == "link" else 1), "at the reference it stands above the form as well"
    assert (said["other"] if name == "link" else WORDS) in shown
    assert (response.get("HX-Retarget") == f"#do-{name}") is bool(headers)
    assert ("<main" in shown) is not bool(headers)
    assert counts() == before


@pytest.mark.parametrize("headers", DOORS, ids=IDS)
@pytest.mark.parametrize(
    ("name", "ended"),
    [(name, resolved) for name in WHILE_OPEN] + [(name, rejected) for name in (*WHILE_OPEN, "consult")],
)
def test_resolved_or_ended_meanwhile(here: World, case: Case, name: str, ended: Any, headers: dict[str, str]) -> None:
    said = said_in(here, name)
    ended(here, case)
    before = counts()
    response = send(here, "associate", case, name, said, headers)
    shown = markup.unescape(response.content.decode())
    assert response.status_code == 422
    assert shown.count(NOT_NOW) == 1
    assert WORDS in shown
    assert counts() == before


@pytest.mark.parametrize("headers", DOORS, ids=IDS)
def test_given_to_somebody_else_meanwhile(here: World, case: Case, headers: dict[str, str]) -> None:
    said = said_in(here, "handover")
    actions.assign(actor=SYSTEM, ref=case.ref, owner_id=here.users["coordinator"].pk)
    before = counts()
    response = send(here, "associate", case, "handover", said, headers)
    assert response.status_code == 422
    assert WORDS in response.content.decode()
    assert "owns" in response.content.decode()
    assert counts() == before


@pytest.mark.parametrize("headers", DOORS, ids=IDS)
def test_the_mailbox_was_taken_away_meanwhile(here: World, case: Case, headers: dict[str, str]) -> None:
    said = said_in(here, "mail")
    here.service.mailboxes.all().delete()
    response = send(here, "associate", case, "mail", said, headers)
    assert response.status_code == 422
    assert WORDS in response.content.decode()
    assert not OutboundMail.objects.exists()


@pytest.mark.parametrize("headers", DOORS, ids=IDS)
@pytest.mark.parametrize(("who", "shared"), [("associate", "0"), ("associate", "1"), ("agent", "1"), ("lead", "1")])
def test_a_note_on_a_case_that_was_merged_meanwhile(
    here: World, who: str, shared: str, headers: dict[str, str]
) -> None:
    case = here.case(by="agent")
    assert 'id="composer"' in page(here, who, case)
    merged(here, case)
    before = counts()
    response = send(here, who, case, "note", {"text": WORDS, "shared": shared}, headers)
    shown = response.content.decode()
    assert response.status_code == 422
    assert MERGED in shown
    assert f">{WORDS}</textarea>" in shown
    assert (response.get("HX-Retarget") == "#composer") is bool(headers)
    checked = 'value="1" id="note-shared" checked' if shared == "1" else 'value="0" id="note-internal" checked'
    assert (checked in shown) is (who == "associate"), "who was to read it stays as it was chosen"
    assert counts() == before
    assert 'id="composer"' not in page(here, who, case)


def test_a_reason_that_is_sent_again_after_the_conflict_is_kept(here: World, case: Case) -> None:
    merged_from = case.version
    merged(here, case)
    case.refresh_from_db()
    for version, status in ((merged_from, 409), (case.version, 422)):
        said = {"version": version, "service": here.other_service.pk, "reason": WORDS}
        response = send(here, "associate", case, "service", said, {})
        assert response.status_code == status
        assert WORDS in response.content.decode()


def test_correcting_a_fact_and_splitting_say_so_too(here: World, case: Case) -> None:
    fact = actions.record_fact(actor=SYSTEM, ref=case.ref, key="", text="A fact", source="customer")
    note = actions.add_note(actor=SYSTEM, ref=case.ref, text="A second matter", shared=False)
    merged(here, case)
    case.refresh_from_db()
    before = counts()
    client = here.client("associate")
    said = {"text": WORDS, "source": "customer"}
    correct = client.post(f"/cases/{case.ref}/facts/{fact.pk}/correct/", said)
    part = {"version": case.version, "token": str(uuid.uuid4()), "entries": [note.pk], "subject": WORDS}
    part |= {"service": here.service.pk, "impact": "minor", "urgency": "week"}
    split = client.post(f"/cases/{case.ref}/entries/{note.pk}/split/", part)
    for response in (correct, split):
        assert response.status_code == 422
        assert MERGED in response.content.decode()
        assert WORDS in response.content.decode()
    assert counts() == before


@pytest.mark.parametrize("ended", [merged, resolved, rejected])
def test_who_never_may_is_told_so_whatever_became_of_the_case(here: World, ended: Any) -> None:
    case = here.case(by="agent")
    ended(here, case)
    refused = {"lead": 403, "qa": 403, "agent": 403, "auditor": 403, "administrator": 403}
    hidden = {"foreign_lead": 404, "other_associate": 404, "it": 404}
    for who, status in {**refused, **hidden}.items():
        for name in ALL:
            assert send(here, who, case, name, said_in(here, name), HTMX).status_code == status, (who, name)
    for who in ("auditor", "administrator"):
        assert send(here, who, case, "note", {"text": WORDS}, {}).status_code == 403
    assert send(here, "associate", case, "give", {}, {}).status_code == 403
