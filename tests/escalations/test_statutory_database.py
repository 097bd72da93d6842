"""What the database itself refuses of statutory terms, regulated cases and their clocks, by SQL past every action."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import Error, connection, transaction
from django.utils import timezone

from escalations.models import Case, Regulation, StatutoryDeadline, StatutoryResponse, StatutoryTerm, TimelineEntry
from escalations.queries import KIND
from portal.accounts.rules import SYSTEM
from sla.actions import start_fixed
from sla.models import CalendarVersion, Clock
from tests.factories.escalations import CaseFactory
from tests.factories.statutory import FINAL, JurisdictionFactory, TermFactory

pytestmark = pytest.mark.django_db
RECEIVED = datetime(2026, 3, 2, 10, tzinfo=UTC)


def refused(sql: str, *values: Any) -> str:
    """Why the database does not do it: the message and the name of the constraint."""
    with pytest.raises(Error) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
    return str(caught.value)


@pytest.fixture
def term() -> StatutoryTerm:
    return TermFactory(duty=FINAL, valid=("2026-01-01", "2027-01-01"))


@pytest.fixture
def case() -> Case:
    return CaseFactory()


@pytest.fixture
def clock(case: Case) -> Clock:
    return start_fixed(
        actor=SYSTEM,
        subject_kind=KIND,
        subject_id=case.pk,
        metric=FINAL,
        at=RECEIVED,
        due_at=RECEIVED + timedelta(days=15),
    )


@pytest.fixture
def regulation(case: Case, term: StatutoryTerm) -> Regulation:
    return Regulation.objects.create(case=case, jurisdiction=term.jurisdiction, received_at=RECEIVED)


TERM = """INSERT INTO escalations_statutoryterm (jurisdiction_id, duty, amount, unit, next_day, rolls, basis, basis_zh, link, valid, made_at)
          VALUES (%s, %s, %s, %s, true, false, %s, '', %s, %s::daterange, now())"""


def test_one_term_at_a_time(term: StatutoryTerm) -> None:
    terms = (term.jurisdiction_id, FINAL, 5, "calendar", "Act", "")
    assert "statutory_term_one_at_a_time" in refused(TERM, *terms, "[2026-12-31,)")
    with connection.cursor() as cursor:
        cursor.execute(TERM, [*terms, "[2027-01-01,)"])
    assert StatutoryTerm.objects.count() == 2


@pytest.mark.parametrize(
    ("column", "value", "name"),
    [
        ("duty", "other", "statutory_term_duty_known"),
        ("unit", "weeks", "statutory_term_unit_known"),
        ("amount", 0, "statutory_term_amount_fits"),
        ("amount", 1001, "statutory_term_amount_fits"),
        ("basis", "", "statutory_term_has_basis"),
        ("link", "javascript:alert(1)", "statutory_term_link"),
        ("valid", "(,2020-01-01)", "statutory_term_begins"),
    ],
)
def test_what_no_term_says(column: str, value: object, name: str) -> None:
    values = {"duty": FINAL, "amount": 5, "unit": "calendar", "basis": "Act", "link": "", "valid": "[2026-01-01,)"}
    assert name in refused(TERM, JurisdictionFactory().pk, *(values | {column: value}).values())


def test_a_term_is_only_ended(term: StatutoryTerm) -> None:
    for change in ("amount = 6", "unit = 'working'", "basis = 'other'", "valid = '[2025-01-01,2027-01-01)'"):
        assert "only be given an end" in refused(
            f"UPDATE escalations_statutoryterm SET {change} WHERE id = %s", term.pk
        )
    assert "only be given an end" in refused("DELETE FROM escalations_statutoryterm WHERE id = %s", term.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE escalations_statutoryterm SET valid = '[2026-01-01,2026-06-01)' WHERE id = %s", [term.pk]
        )
    assert StatutoryTerm.objects.get().valid.upper.isoformat() == "2026-06-01"


def test_that_a_case_is_regulated_is_only_lifted(regulation: Regulation) -> None:
    row = "UPDATE escalations_regulation SET {} WHERE id = %s"
    assert "only be lifted" in refused(row.format("received_at = now()"), regulation.pk)
    assert "only be lifted" in refused(row.format("complaint_ref = 'x'"), regulation.pk)
    assert "only be lifted" in refused("DELETE FROM escalations_regulation WHERE id = %s", regulation.pk)
    with connection.cursor() as cursor:
        cursor.execute(row.format("lifted_at = now()"), [regulation.pk])
    assert "only be lifted" in refused(row.format("lifted_at = NULL"), regulation.pk)


REGULATION = """INSERT INTO escalations_regulation (case_id, jurisdiction_id, received_at, complaint_ref, marked_at, lifted_at, lifted_by_id)
                VALUES (%s, %s, %s, '', now(), %s, %s)"""


def test_a_case_is_regulated_once_at_a_time_and_received_before_it_is_marked(regulation: Regulation) -> None:
    again = (regulation.case_id, regulation.jurisdiction_id)
    later = timezone.now() + timedelta(days=1)
    assert "regulation_one_live" in refused(REGULATION, *again, RECEIVED, None, None)
    assert "regulation_received_before" in refused(REGULATION, *again, later, RECEIVED, None)


def test_no_fixed_clock_is_paused(clock: Clock) -> None:
    pause = "UPDATE sla_clock SET state = 'paused', paused_at = now(), next_event_at = NULL WHERE id = %s"
    assert "sla_clock_fixed_never_pauses" in refused(pause, clock.pk)
    paused = "UPDATE sla_clock SET pauses = ARRAY[tstzrange('2026-03-03', '2026-03-04')] WHERE id = %s"
    assert "sla_clock_fixed_never_pauses" in refused(paused, clock.pk)


def test_deadlines_and_responses_stay(regulation: Regulation, term: StatutoryTerm, clock: Clock) -> None:
    version = CalendarVersion.objects.get(calendar=term.jurisdiction.calendar)
    deadline = StatutoryDeadline.objects.create(
        regulation=regulation, duty=FINAL, term=term, calendar_version=version, clock=clock, due_at=clock.due_at
    )
    entry = TimelineEntry.objects.create(case=regulation.case, at=RECEIVED, kind="statutory", code="statutory.answered")
    said = {"clock": clock, "case": regulation.case, "duty": FINAL, "channel": "letter", "entry": entry}
    response = StatutoryResponse.objects.create(sent_at=RECEIVED, sent_by="Legal", **said)
    for table, row in (("statutorydeadline", deadline), ("statutoryresponse", response)):
        assert "append-only" in refused(f"UPDATE escalations_{table} SET duty = 'statutory_ack' WHERE id = %s", row.pk)
        assert "append-only" in refused(f"DELETE FROM escalations_{table} WHERE id = %s", row.pk)


RESPONSE = """INSERT INTO escalations_statutoryresponse (clock_id, case_id, duty, sent_at, sent_by, channel, contact_id, entry_id)
              VALUES (%s, %s, %s, now(), %s, %s, %s, %s)"""


@pytest.mark.parametrize(
    ("duty", "sent_by", "channel", "name"),
    [
        (FINAL, "", "letter", "statutory_response_says_who"),
        (FINAL, "Legal", "pigeon", "statutory_response_channel_known"),
        ("other", "Legal", "letter", "statutory_response_duty_known"),
    ],
)
def test_what_no_response_says(case: Case, clock: Clock, duty: str, sent_by: str, channel: str, name: str) -> None:
    entry = TimelineEntry.objects.create(case=case, at=RECEIVED, kind="statutory", code="statutory.answered")
    assert name in refused(RESPONSE, clock.pk, case.pk, duty, sent_by, channel, None, entry.pk)
    assert name == "statutory_response_says_who" or not StatutoryResponse.objects.exists()
