"""The pages of deadlines by law: marking a case, its clocks, recording an answer, and what the law says."""

import html
import re
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from escalations import actions
from escalations.actions import answer_by_law, regulate
from escalations.models import Case, Jurisdiction, StatutoryTerm
from escalations.queries.statutory import duties_of, owed
from tests.escalations.pages_world import World, world
from tests.escalations.test_statutory import PDF
from tests.factories.api import Program
from tests.factories.sla import CalendarFactory
from tests.factories.statutory import ACK, FINAL, jurisdiction_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> World:
    return world()


@pytest.fixture
def law() -> Jurisdiction:
    return jurisdiction_with(ack=5, final=56, zone="Asia/Shanghai")


def url(name: str, *args: object) -> str:
    return reverse(f"escalations:{name}", args=args)


def marked(made: World, law: Jurisdiction, *, days: int = 1, **more: object) -> Case:
    case = made.case(**more)
    received = timezone.now() - timedelta(days=days)
    regulate(
        actor=made.actor("associate"), ref=case.pk, jurisdiction_id=law.pk, received_at=received, complaint_ref="FOS-7"
    )
    return case


def shown(client: Client, case: Case) -> str:
    return client.get(url("case-deadlines", case.ref)).text


def test_marking_reads_the_receipt_as_clocks_of_the_jurisdiction_show_it(made: World, law: Jurisdiction) -> None:
    case, client = made.case(), made.client("associate")
    assert "(Asia/Shanghai)" in client.get(url("case-regulate", case.ref)).text
    said = {
        "version": case.version,
        "jurisdiction": law.pk,
        "received_at": "2026-03-05T00:30",
        "complaint_ref": "FOS-7",
    }
    answer = client.post(url("case-regulate", case.ref), said, follow=True)
    assert "is a regulated complaint" in answer.text
    [first, _last] = duties_of(case.pk)
    assert first.started_at.isoformat() == "2026-03-04T16:30:00+00:00"
    assert "Acknowledgement by law" in answer.text
    assert "cannot be paused" in answer.text
    page = shown(client, case)
    assert "FOS-7" in page
    assert "5 calendar days; the day after receipt is the first" in page
    explained = client.get(reverse("sla:clock", args=[first.id])).text
    assert "Thu 5 Mar 2026, 00:30 in Asia/Shanghai" in explained
    assert "Tue 10 Mar 2026, 23:59, the end of that day in Asia/Shanghai" in explained


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("received_at", "0001-01-01T00:00", "between the years 2000 and 2100"),
        ("received_at", "9999-12-31T23:59", "between the years 2000 and 2100"),
        ("received_at", "2099-01-01T00:00", "not in the future"),
        ("received_at", "", "This field is required"),
        ("jurisdiction", "999", "Select a valid choice"),
        ("complaint_ref", "a\x00b", "Null characters"),
    ],
)
def test_what_cannot_be_is_said_at_the_field(made: World, law: Jurisdiction, field: str, value: str, said: str) -> None:
    case = made.case()
    form = {"version": case.version, "jurisdiction": law.pk, "received_at": "2026-03-05T00:30", field: value}
    answer = made.client("associate").post(url("case-regulate", case.ref), form)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert not duties_of(case.pk)


def test_an_answer_is_recorded_with_its_file(made: World, law: Jurisdiction) -> None:
    case, client = marked(made, law), made.client("associate")
    sent = timezone.now() - timedelta(hours=1)
    wall = sent.astimezone(timezone.get_fixed_timezone(480)).strftime("%Y-%m-%dT%H:%M")
    form = {"duties": [ACK], "sent_at": wall, "sent_by": "Legal", "channel": "letter"}
    empty = client.post(url("case-deadline-answer", case.ref), form)
    assert (empty.status_code, "Add the file that shows it." in empty.text) == (422, True)
    form["file"] = SimpleUploadedFile("letter.pdf", PDF)
    page = client.post(url("case-deadline-answer", case.ref), form, follow=True).text
    assert "Sent by Legal (Letter)" in page
    assert [view.metric for view in owed(case.pk)] == [FINAL]
    [found] = re.findall(r'href="(/files/[^"]+)"', page)
    client.get(url("case", case.ref))
    with CaptureQueriesContext(connection) as caught:
        stream = client.get(url("case", case.ref)).text
    entry = case.entries.get(code="statutory.answered")
    beside = re.search(rf'<li id="e{entry.pk}">.*?</li>', stream, re.DOTALL)
    assert beside
    assert f'href="{found}"' in beside[0], "the entry has what shows it"
    assert len(caught) <= 12
    assert b"".join(client.get(found).streaming_content) == PDF
    for stranger in ("lead", "other_associate", "foreign_lead"):
        assert made.client(stranger).get(found).status_code == 404
        assert found not in made.client(stranger).get(url("case", case.ref)).text
    actions.redact_entry(actor=made.actor("associate"), ref=case.pk, entry_id=entry.pk)
    assert found not in client.get(url("case", case.ref)).text


def test_a_file_that_a_refused_form_lost_is_asked_for_again(made: World, law: Jurisdiction) -> None:
    case, client = marked(made, law), made.client("associate")
    client.post(
        url("case-contact", case.ref),
        {"channel": "email", "direction": "out", "outcome": "sent", "text": "Our decision"},
    )
    answer, entry = url("case-deadline-answer", case.ref), case.entries.get(kind="contact", direction="out")
    named = {"contact": entry.pk}
    first = client.post(answer, named | {"file": SimpleUploadedFile("proof <1>.pdf", PDF)})
    assert first.status_code == 422, "nothing is ticked"
    # Windows and browsers name files as they like; the page shows the name as text.
    assert 'id="id_file_error"' in first.text
    assert "Choose the file again: proof &lt;1&gt;.pdf" in first.text
    [name] = re.findall(r'<input type="hidden" name="file-chosen" value="([^"]+)">', first.text)
    named |= {"duties": [ACK], "file-chosen": html.unescape(name)}
    again = client.post(answer, named)
    assert (again.status_code, "Choose the file again: proof &lt;1&gt;.pdf" in again.text) == (422, True)
    assert 'name="file-chosen"' in again.text
    assert len(owed(case.pk)) == 2, "nothing was recorded without its proof"
    done = client.post(answer, named | {"file": SimpleUploadedFile("proof.pdf", PDF)}, follow=True).text
    assert "proof.pdf" in done, "what shows a contact is kept with it"
    client.post(answer, named | {"duties": [FINAL], "file-without": "1"})
    assert not owed(case.pk), "somebody who says so goes on without"
    assert client.get(answer).headers["Location"] == url("case-deadlines", case.ref)


def test_a_file_that_was_refused_itself_is_not_asked_for_again(made: World, law: Jurisdiction) -> None:
    case, client = marked(made, law), made.client("associate")
    page = client.post(url("case-deadline-answer", case.ref), {"file": SimpleUploadedFile("a.pdf", b"")}).text
    assert "The file is empty." in page or "The submitted file is empty." in page
    assert "Choose the file again" not in page


def test_a_contact_is_named_as_the_answer(made: World, law: Jurisdiction) -> None:
    case, client = marked(made, law), made.client("associate")
    said = {"channel": "email", "direction": "out", "outcome": "sent", "text": "Our decision"}
    client.post(url("case-contact", case.ref), said)
    entry = case.entries.get(kind="contact", direction="out")
    page = shown(client, case)
    assert f'<option value="{entry.pk}"' in page
    done = client.post(
        url("case-deadline-answer", case.ref), {"duties": [ACK, FINAL], "contact": entry.pk}, follow=True
    )
    assert "Sent from this case (E-mail)" in done.text
    assert "Record an answer" not in done.text
    assert not owed(case.pk)


def test_resolving_with_the_final_answer_owed_asks_why(made: World, law: Jurisdiction) -> None:
    case, client = marked(made, law), made.client("associate")
    client.post(url("case-state", case.ref), {"version": Case.objects.get(pk=case.pk).version, "verb": "start"})
    form = {"version": Case.objects.get(pk=case.pk).version, "verb": "resolve"}
    no = client.post(url("case-state", case.ref), form)
    assert (no.status_code, "By law an answer is still owed" in no.text) == (422, True)
    client.post(url("case-state", case.ref), {**form, "reason": "Answered by the group"})
    assert Case.objects.get(pk=case.pk).state == "resolved"
    assert len(owed(case.pk)) == 2


def test_lifting_is_for_those_who_lead(made: World, law: Jurisdiction) -> None:
    case = marked(made, law)
    assert "It is no regulated complaint" not in shown(made.client("associate"), case)
    lead = made.client("service_lead")
    assert "It is no regulated complaint" in shown(lead, case)
    assert lead.post(url("case-deadline-lift", case.ref), {"reason": ""}).status_code == 422
    lead.post(url("case-deadline-lift", case.ref), {"reason": "A question, no complaint"})
    assert not owed(case.pk)
    assert "Mark as regulated" in shown(lead, case)


def test_the_queue_shows_what_is_due_by_law(made: World) -> None:
    # Overdue, so it stands before whatever the hour of the test makes due next.
    case = marked(made, jurisdiction_with(ack=1, final=56), days=4)
    page = made.client("associate").get(url("queue")).text
    row = page[page.index(case.ref) :]
    assert "by law" in row


def test_the_api_my_day_and_the_export_show_what_is_due_by_law(made: World) -> None:
    case = marked(made, jurisdiction_with(ack=1, final=56), days=4)
    found = Program(made.users["associate"]).get(f"/cases/{case.ref}/clocks").json()["items"]
    assert {ACK, FINAL} <= {one["metric"] for one in found}
    due = Case.objects.values_list("next_due_at", flat=True).get(pk=case.pk)
    assert due == min(view.due_at for view in duties_of(case.pk))
    Case.objects.filter(pk=case.pk).update(owner=made.users["associate"])
    client = made.client("associate")
    assert case.ref in client.get("/").text
    rows = b"".join(client.get(url("queue-export"))).decode().splitlines()
    [row] = [one for one in rows if case.ref in one]
    assert due is not None
    assert f"{due.astimezone(ZoneInfo(made.users['associate'].time_zone)):%Y-%m-%d %H:%M}" in row


def test_partner_users_read_nothing_of_the_complaint(made: World, law: Jurisdiction) -> None:
    case = marked(made, law, by="lead")
    client = made.client("lead")
    page = client.get(url("case", case.ref)).text
    assert "FOS-7" not in page
    assert url("case-deadlines", case.ref) not in page


def test_the_page_asks_once_for_whatever_the_law_waits_for(made: World, law: Jurisdiction) -> None:
    client, plain, regulated = made.client("associate"), made.case(), marked(made, law)
    client.get(url("case", plain.ref))
    counts = []
    for case in (plain, regulated):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(url("case", case.ref))
        counts.append(len(asked))
    assert counts[1] == counts[0] + 1, "in which zone their days end"


# -- what the law says


def test_a_jurisdiction_and_its_terms(made: World) -> None:
    client, calendar = made.client("administrator"), CalendarFactory(time_zone="Europe/Lisbon")
    form = {"code": "pt", "name": "Portugal", "name_zh": "葡萄牙", "calendar": calendar.pk}
    client.post(url("jurisdiction-new"), form)
    found = Jurisdiction.objects.get(code="pt")
    assert "Europe/Lisbon" in client.get(url("jurisdictions")).text
    term = {"duty": FINAL, "amount": 15, "unit": "working", "next_day": "on", "basis": "DL 156/2005, art. 5"}
    client.post(url("term-new", found.pk), {**term, "valid_from": "2026-01-01"})
    client.post(url("term-new", found.pk), {**term, "amount": 20, "valid_from": "2026-07-01"})
    first, second = StatutoryTerm.objects.order_by("pk")
    assert (first.valid.upper, second.valid.lower, second.valid.upper) == (date(2026, 7, 1), date(2026, 7, 1), None)
    page = client.get(url("jurisdiction", found.pk)).text
    assert "2026-01-01 to 2026-06-30" in page
    assert "20 working days" in page
    late = client.post(url("term-new", found.pk), {**term, "valid_from": "2026-03-01"})
    assert (late.status_code, "A later term begins" in late.text) == (422, True)
    client.post(url("term-end", found.pk, second.pk), {"last_day": "2026-12-31"})
    second.refresh_from_db()
    assert second.valid.upper == date(2027, 1, 1)
    assert client.get(url("term-end", found.pk, second.pk)).status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", "0"), ("amount", "1001"), ("amount", "9" * 30), ("unit", "weeks"), ("duty", "x"), ("basis", ""),
        ("link", "javascript:alert(1)"), ("valid_from", "9999-12-31"), ("valid_from", "0001-01-01"), ("basis", "a\x00"),
    ],
)  # fmt: skip
def test_bad_terms_are_refused_at_the_field(made: World, law: Jurisdiction, field: str, value: str) -> None:
    before = StatutoryTerm.objects.count()
    term = {"duty": FINAL, "amount": 15, "unit": "working", "basis": "Act", "valid_from": "2099-01-01", field: value}
    answer = made.client("administrator").post(url("term-new", law.pk), term)
    assert (answer.status_code, f'id="id_{field}_error"' in answer.text) == (422, True)
    assert StatutoryTerm.objects.count() == before


def test_a_stale_name_is_not_saved_and_an_archived_one_not_offered(made: World, law: Jurisdiction) -> None:
    client = made.client("administrator")
    form = {"name": "Other", "calendar": law.calendar_id, "version": 1}
    assert client.post(url("jurisdiction", law.pk), form).status_code == 302
    assert client.post(url("jurisdiction", law.pk), form).status_code == 409
    client.post(url("jurisdiction-archive", law.pk), {"version": 2, "archived": "1"})
    case = made.case()
    assert "Other" not in made.client("associate").get(url("case-regulate", case.ref)).text


def test_naming_an_answer_twice_at_once_is_refused_the_second_time(made: World, law: Jurisdiction) -> None:
    case, client = marked(made, law), made.client("associate")
    said = {"duties": [ACK], "sent_by": "Legal", "channel": "letter"}
    answer_by_law(
        actor=made.actor("associate"), ref=case.pk, duties=[ACK], sent_at=timezone.now(), sent_by="Legal",
        channel="letter", upload=SimpleUploadedFile("a.pdf", PDF),
    )  # fmt: skip
    wall = timezone.now().strftime("%Y-%m-%dT%H:%M")
    said |= {"sent_at": wall, "file": SimpleUploadedFile("b.pdf", PDF)}
    assert client.post(url("case-deadline-answer", case.ref), said).status_code == 422
