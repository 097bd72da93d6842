"""What the database refuses of hand-overs and questions, whoever writes."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from escalations.models import Case, Consult, Handover, Service
from partners.models import Site
from tests.factories.escalations import CaseFactory, ServiceFactory, person
from tests.factories.handing import ConsultFactory, HandoverFactory

pytestmark = pytest.mark.django_db


def refused(sql: str, params: list[Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)


@pytest.fixture
def case(service: Service, site: Site) -> Case:
    made: Case = CaseFactory(service=service, site=site)
    return made


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("state = 'kept'", "handover_(state_known|settled_whole)"),
        ("to_user_id = given_by_id, to_service_id = NULL", "handover_not_to_oneself"),
        ("to_service_id = NULL", "handover_to_one"),
        ("to_user_id = {other}", "handover_to_one"),
        ("settled_at = clock_timestamp()", "handover_settled_whole"),
        ("state = 'accepted'", "handover_settled_whole"),
        ("state = 'declined', settled_at = clock_timestamp()", "handover_settled_whole"),
        ("state = 'over'", "handover_settled_whole"),
        (
            "state = 'accepted', settled_at = clock_timestamp(), settled_by_id = given_by_id",
            "handover_accepted_by_target",
        ),
        (
            "to_service_id = NULL, to_user_id = {other}, state = 'accepted', settled_at = clock_timestamp(), settled_by_id = {third}",
            "handover_accepted_by_target",
        ),
        (
            "state = 'declined', settled_at = offered_at - interval '1 second', settled_by_id = {other}",
            "handover_settled_after",
        ),
    ],
)
def test_a_hand_over_that_is_none(case: Case, change: str, constraint: str) -> None:
    made = HandoverFactory(case=case, to_service=ServiceFactory())
    people = {"other": person("auditor").pk, "third": person("auditor").pk}
    refused(f"UPDATE escalations_handover SET {change.format(**people)} WHERE id = %s", [made.pk], constraint)


def test_a_case_has_one_open_hand_over(case: Case) -> None:
    HandoverFactory(case=case, to_service=ServiceFactory())
    with pytest.raises(IntegrityError, match="handover_one_open"), transaction.atomic():
        HandoverFactory(case=case, to_service=ServiceFactory())
    Handover.objects.update(state="over", settled_at=transaction_time())
    HandoverFactory(case=case, to_service=ServiceFactory())


def transaction_time() -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("state = 'kept', settled_at = clock_timestamp()", "consult_state_known"),
        ("opens = 'restricted'", "consult_never_opens_restricted"),
        ("to_user_id = asked_by_id", "consult_not_of_oneself"),
        ("due_at = asked_at", "consult_due_after_asked"),
        ("settled_at = clock_timestamp()", "consult_settled_whole"),
        ("state = 'withdrawn'", "consult_settled_whole"),
        ("state = 'answered', settled_at = clock_timestamp()", "consult_answer_if_answered"),
        ("answer_id = question_id", "consult_answer_if_answered"),
    ],
)
def test_a_question_that_is_none(case: Case, change: str, constraint: str) -> None:
    made = ConsultFactory(case=case, to_user=person("auditor"))
    refused(f"UPDATE escalations_consult SET {change} WHERE id = %s", [made.pk], constraint)


def test_a_person_is_asked_once_at_a_time(case: Case) -> None:
    whom = person("auditor")
    ConsultFactory(case=case, to_user=whom)
    ConsultFactory(case=case, to_user=person("auditor"))
    with pytest.raises(IntegrityError, match="consult_one_open_each"), transaction.atomic():
        ConsultFactory(case=case, to_user=whom)
    Consult.objects.filter(to_user=whom).update(state="withdrawn", settled_at=transaction_time())
    ConsultFactory(case=case, to_user=whom)


def test_entries_are_of_one_hand_over_and_of_one_question(case: Case) -> None:
    offer = HandoverFactory(case=case, to_service=ServiceFactory())
    Handover.objects.update(state="over", settled_at=transaction_time())
    with pytest.raises(IntegrityError), transaction.atomic():
        HandoverFactory(case=case, to_service=ServiceFactory(), entry=offer.entry)
    asked = ConsultFactory(case=case, to_user=person("auditor"))
    with pytest.raises(IntegrityError), transaction.atomic():
        ConsultFactory(case=case, to_user=person("auditor"), question=asked.question)
