"""Regulated cases: clocks that nothing but the answer meets, whatever happens to the case."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.utils import timezone

from escalations import actions
from escalations.actions import Refused, answer_by_law, lift_regulation, regulate
from escalations.models import Case, Jurisdiction, Regulation, Service, StatutoryDeadline, StatutoryResponse
from escalations.queries import KIND
from escalations.queries.statutory import counted_terms, duties_of, owed
from partners.models import Site
from portal.accounts.rules import SYSTEM, Actor
from portal.audit.models import AuditEntry
from portal.files.queries import files_of
from sla import queries as clocks
from sla.actions import tick
from sla.queries import ClockView
from tests.factories.escalations import CaseFactory, associate, coordinator, open_policy
from tests.factories.statutory import ACK, FINAL, INTERIM, JurisdictionFactory, TermFactory, jurisdiction_with

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


@pytest.fixture
def worker(service: Service) -> Actor:
    open_policy()
    return associate(service)


@pytest.fixture
def case(service: Service, site: Site) -> Case:
    return CaseFactory(service=service, site=site)


@pytest.fixture
def law() -> Jurisdiction:
    return jurisdiction_with(ack=5, interim=15, final=56)


def ago(**span: float) -> datetime:
    return timezone.now() - timedelta(**span)


def mark(worker: Actor, case: Case, law: Jurisdiction, **said: object) -> Case:
    arguments = {"received_at": ago(days=1), "complaint_ref": "FOS-1", **said}
    return regulate(actor=worker, ref=case.pk, jurisdiction_id=law.pk, **arguments).case


def clock(case: Case, duty: str) -> ClockView:
    return clocks.by_metric(clocks.clocks_of(KIND, [case.pk])[case.pk])[duty]


def dues(case: Case) -> dict[str, datetime]:
    return {view.metric: view.due_at for view in duties_of(case.pk)}


def paper() -> SimpleUploadedFile:
    return SimpleUploadedFile("letter.pdf", PDF)


def send(worker: Actor, case: Case, *duties: str, **said: object) -> None:
    arguments = {"sent_at": ago(minutes=1), "sent_by": "Legal", "channel": "letter", "upload": paper(), **said}
    answer_by_law(actor=worker, ref=case.pk, duties=duties or (FINAL,), **arguments)


def test_marking_starts_a_clock_for_each_term_from_the_receipt(worker: Actor, case: Case, law: Jurisdiction) -> None:
    received = datetime(2026, 3, 2, 10, tzinfo=UTC)
    mark(worker, case, law, received_at=received)
    assert dues(case) == {
        ACK: datetime(2026, 3, 7, 23, 59, 59, 999999, tzinfo=UTC),
        INTERIM: datetime(2026, 3, 17, 23, 59, 59, 999999, tzinfo=UTC),
        FINAL: datetime(2026, 4, 27, 22, 59, 59, 999999, tzinfo=UTC),
    }
    assert {view.started_at for view in duties_of(case.pk)} == {received}
    assert Case.objects.get(pk=case.pk).next_due_at == dues(case)[ACK]
    assert case.entries.get(kind="statutory").params["name"] == law.name
    assert AuditEntry.objects.filter(verb="case.regulated", subject_id=case.pk).count() == 1
    assert StatutoryDeadline.objects.filter(regulation__case=case).count() == 3


def test_the_law_of_the_day_of_receipt_holds(worker: Actor, case: Case) -> None:
    law = JurisdictionFactory()
    TermFactory(jurisdiction=law, amount=10, valid=("2026-01-01", "2026-07-01"))
    TermFactory(jurisdiction=law, amount=20, valid=("2026-07-01", None))
    # Half past midnight on 1 July in London, 23:30 of the day before in UTC.
    mark(worker, case, law, received_at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))
    assert dues(case) == {FINAL: datetime(2026, 7, 21, 22, 59, 59, 999999, tzinfo=UTC)}


def test_refusals(worker: Actor, case: Case, law: Jurisdiction, site: Site) -> None:
    for code, said in (
        ("in_future", {"received_at": timezone.now() + timedelta(hours=1)}),
        ("no_terms", {"received_at": datetime(2019, 1, 1, tzinfo=UTC)}),
        ("text_too_long", {"complaint_ref": "x" * 81}),
    ):
        with pytest.raises(Refused) as no:
            mark(worker, case, law, **said)
        assert no.value.code == code
    with pytest.raises(Refused, match="values offered"):
        regulate(actor=worker, ref=case.pk, jurisdiction_id=0, received_at=ago(days=1))
    with pytest.raises(Http404):
        mark(coordinator(CaseFactory().site), case, law)
    assert not Regulation.objects.exists()
    mark(worker, case, law)
    with pytest.raises(Refused, match="already"):
        mark(worker, case, law)


def test_waiting_severity_service_and_reopening_leave_them_alone(
    worker: Actor, case: Case, law: Jurisdiction, site: Site
) -> None:
    mark(worker, case, law)
    before = dues(case)
    lead = coordinator(site)
    actions.set_state(actor=worker, ref=case.pk, verb="start")
    actions.set_state(actor=worker, ref=case.pk, verb="wait_customer")
    assert clock(case, "resolution").state == "paused"
    assert {view.state for view in duties_of(case.pk)} == {"running"}
    actions.set_state(actor=worker, ref=case.pk, verb="wait_third_party")
    actions.set_severity(actor=lead, ref=case.pk, impact="people", urgency="now", signals=[], override=None, reason="")
    assert {view.state for view in duties_of(case.pk)} == {"running"}
    actions.set_state(actor=worker, ref=case.pk, verb="resolve", reason="Paid back")
    actions.set_state(actor=worker, ref=case.pk, verb="reopen")
    actions.change_service(actor=lead, ref=case.pk, service_id=CaseFactory().service_id)
    assert dues(case) == before
    assert {(view.state, view.cycle) for view in duties_of(case.pk)} == {("running", 1)}


def test_a_contact_alone_meets_none_of_them(worker: Actor, case: Case, law: Jurisdiction) -> None:
    mark(worker, case, law)
    actions.log_contact(actor=worker, ref=case.pk, channel="email", direction="out", outcome="sent", text="Hello")
    assert len(owed(case.pk)) == 3


@pytest.mark.parametrize(("verb", "more"), [("resolve", {}), ("reject", {"reject_reason": "spam"})])
def test_ending_a_case_that_owes_its_final_answer_needs_a_reason(
    site: Site, case: Case, law: Jurisdiction, verb: str, more: dict[str, str]
) -> None:
    open_policy()
    lead = coordinator(site)
    mark(lead, case, law)
    actions.set_state(actor=lead, ref=case.pk, verb="start") if verb == "resolve" else None
    with pytest.raises(Refused, match="Final response by law"):
        actions.set_state(actor=lead, ref=case.pk, verb=verb, **more)
    actions.set_state(actor=lead, ref=case.pk, verb=verb, reason="Settled by phone", **more)
    assert {view.state for view in duties_of(case.pk)} == {"running"}
    assert case.entries.get(code="note.reason").body.text == "Settled by phone"


def test_in_bulk_and_by_macro_the_same_is_asked(worker: Actor, case: Case, law: Jurisdiction) -> None:
    mark(worker, case, law)
    actions.set_state(actor=worker, ref=case.pk, verb="start")
    [result] = actions.bulk(actor=worker, refs=[case.ref], operation="state", verb="resolve")
    assert (result.ok, result.code) == (False, "final_owed")
    assert Case.objects.get(pk=case.pk).state == "in_progress"


def test_an_answer_sent_elsewhere_meets_what_it_names_when_it_was_sent(
    worker: Actor, case: Case, law: Jurisdiction
) -> None:
    mark(worker, case, law, received_at=ago(days=20))
    sent = ago(days=17)
    send(worker, case, ACK, INTERIM, sent_at=sent, text="By registered post")
    assert [view.metric for view in owed(case.pk)] == [FINAL]
    assert clock(case, ACK).met_at == sent
    assert clock(case, ACK).in_time
    entry = case.entries.get(code="statutory.answered")
    assert (entry.at, entry.params, entry.channel, entry.body.text) == (
        sent,
        {"duties": [ACK, INTERIM]},
        "letter",
        "By registered post",
    )
    assert {one.sent_by for one in StatutoryResponse.objects.filter(case=case)} == {"Legal"}
    [file] = files_of("statutory_response", [entry.pk])[str(entry.pk)]
    assert actions.may_read_response(worker, file)
    assert not actions.may_read_response(coordinator(CaseFactory().site), file)
    actions.redact_entry(actor=worker, ref=case.pk, entry_id=entry.pk)
    assert not files_of("statutory_response", [entry.pk])


def test_a_late_answer_stays_breached(worker: Actor, case: Case, law: Jurisdiction) -> None:
    mark(worker, case, law, received_at=ago(days=20))
    tick()
    send(worker, case, ACK)
    assert clock(case, ACK).in_time is False
    assert clock(case, ACK).breached_at is not None


def test_a_contact_named_as_the_answer_meets_it(worker: Actor, case: Case, law: Jurisdiction) -> None:
    entry = actions.log_contact(
        actor=worker, ref=case.pk, channel="email", direction="out", outcome="sent", text="Our final word"
    )
    mark(worker, case, law)
    answer_by_law(actor=worker, ref=case.pk, duties=[FINAL], contact_id=entry.pk)
    assert clock(case, FINAL).met_at == entry.at
    actions.set_state(actor=worker, ref=case.pk, verb="start")
    actions.set_state(actor=worker, ref=case.pk, verb="resolve")
    assert Case.objects.get(pk=case.pk).state == "resolved"


def test_what_is_no_answer(worker: Actor, case: Case, law: Jurisdiction, service: Service, site: Site) -> None:
    mark(worker, case, law)
    other = CaseFactory(service=service, site=site)
    said = {"channel": "email", "direction": "out", "outcome": "sent", "text": "x"}
    foreign = actions.log_contact(actor=worker, ref=other.pk, **said)
    inward = actions.log_contact(actor=worker, ref=case.pk, **(said | {"direction": "in", "outcome": "received"}))
    unheard = actions.log_contact(actor=worker, ref=case.pk, **(said | {"channel": "phone", "outcome": "no_answer"}))
    for code, duties, more in (
        ("not_owed", (), {}),
        ("unknown_value", ("other",), {}),
        ("unknown_value", (ACK,), {"contact_id": foreign.pk}),
        ("unknown_value", (ACK,), {"contact_id": inward.pk}),
        ("unknown_value", (ACK,), {"contact_id": unheard.pk}),
        ("evidence_needed", (ACK,), {"upload": None}),
        ("evidence_needed", (ACK,), {"sent_by": " "}),
        ("evidence_needed", (ACK,), {"sent_at": None}),
        ("unknown_value", (ACK,), {"channel": "pigeon"}),
        ("in_future", (ACK,), {"sent_at": timezone.now() + timedelta(hours=1)}),
        ("before_received", (ACK,), {"sent_at": ago(days=2)}),
    ):
        arguments = {"sent_at": ago(minutes=1), "sent_by": "Legal", "channel": "letter", "upload": paper(), **more}
        with pytest.raises(Refused) as no:
            answer_by_law(actor=worker, ref=case.pk, duties=duties, **arguments)
        assert no.value.code == code
    assert len(owed(case.pk)) == 3
    send(worker, case, ACK)
    with pytest.raises(Refused, match="recorded already"):
        send(worker, case, ACK)


def test_lifting_needs_a_reason_and_a_lead_and_lets_it_be_marked_again(
    worker: Actor, case: Case, law: Jurisdiction, service: Service
) -> None:
    mark(worker, case, law)
    send(worker, case, ACK)
    lead = associate(service, lead=True)
    for who, why, code in ((worker, "Mistake", "not_your_role"), (lead, " ", "reason_needed")):
        with pytest.raises(Refused) as no:
            lift_regulation(actor=who, ref=case.pk, reason=why)
        assert no.value.code == code
    lift_regulation(actor=lead, ref=case.pk, reason="Not a customer")
    assert [(view.metric, view.state) for view in duties_of(case.pk)] == [(ACK, "met")]
    with pytest.raises(Refused, match="no regulated"):
        lift_regulation(actor=lead, ref=case.pk, reason="Again")
    mark(worker, case, law)
    assert {(view.metric, view.cycle) for view in owed(case.pk)} == {(ACK, 2), (INTERIM, 2), (FINAL, 2)}


def test_the_explanation_counts_day_by_day(worker: Actor, case: Case) -> None:
    law = JurisdictionFactory(name="Ireland")
    TermFactory(jurisdiction=law, amount=2, unit="working", basis="PSD2, Art. 101(2)", link="https://example.test/law")
    mark(worker, case, law, received_at=datetime(2026, 3, 5, 10, tzinfo=UTC))
    assert counted_terms(SYSTEM, case.pk, clock(case, FINAL).id) == [
        ("Law", "PSD2, Art. 101(2)"),
        ("Where it stands", "https://example.test/law"),
        ("Jurisdiction", "Ireland"),
        ("Term", "2 working days; the day after receipt is the first"),
        ("Received", "Thu 5 Mar 2026, 10:00 in Europe/London"),
        ("Counting begins", "Fri 6 Mar 2026"),
        ("Does not count", "Sat 7 Mar 2026 – Sun 8 Mar 2026"),
        ("Last day", "Mon 9 Mar 2026"),
        ("Due", "Mon 9 Mar 2026, 23:59, the end of that day in Europe/London"),
        ("Pauses", "None. Nothing pauses or moves it; it is met by the answer alone."),
    ]
    assert counted_terms(SYSTEM, case.pk, clock(case, "resolution").id) == []
