"""Offers without an answer and overdue questions are told of once, to whom they concern and who may still see the case."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from escalations.actions import ask_colleague, offer_handover, remind, withdraw_consult
from escalations.actions.handing import accept_handover
from escalations.models import Case, Service
from escalations.notices_handing import silent
from escalations.queries import visible_to
from partners.models import Site
from portal.accounts.queries import actor_for
from portal.notifications.models import Notification
from portal.notifications.tasks import fan_out
from tests.factories.escalations import CaseFactory, ServiceFactory, person
from tests.factories.handing import ConsultFactory, HandoverFactory

pytestmark = pytest.mark.django_db
SUMMARY = {"done": "Rebooked", "open": "Refund", "promised": "A call", "risks": "None known"}


@pytest.fixture
def case(service: Service, site: Site) -> Case:
    made: Case = CaseFactory(service=service, site=site)
    return made


def told() -> set[tuple[str, str]]:
    """Who was told what, by names."""
    fan_out()
    rows = Notification.objects.select_related("recipient")
    return {(row.recipient.name, row.kind) for row in rows}


def test_the_giver_is_told_once_that_nobody_has_answered_for_8_hours(case: Case) -> None:
    made = HandoverFactory(case=case, to_service=ServiceFactory())
    now = made.offered_at
    assert remind(now + timedelta(hours=7, minutes=59)) == 0
    assert remind(now + timedelta(hours=8)) == 1
    assert remind(now + timedelta(hours=9)) == 0
    assert told() == {(made.given_by.name, "case.handover_silent")}


def test_the_installation_says_after_how_many_hours(case: Case, settings: Settings) -> None:
    settings.HANDOVER_SILENCE_HOURS = 2
    made = HandoverFactory(case=case, to_service=ServiceFactory())
    assert remind(made.offered_at + timedelta(hours=1, minutes=59)) == 0
    assert remind(made.offered_at + timedelta(hours=2)) == 1
    fan_out()
    said = Notification.objects.get()
    assert said.params == {"ref": case.ref, "hours": 2}
    assert silent(said.params, 1) == f"Nobody has answered your hand-over of {case.ref} for 2 hours"
    assert silent({"ref": "EC-1", "hours": 1}, 1).endswith("for 1 hour")
    assert silent({"ref": "EC-1"}, 1).endswith("for 8 hours"), "written before the hours were kept"


def test_both_sides_are_told_once_that_a_question_is_overdue(case: Case) -> None:
    asked = person("associate", service=ServiceFactory())
    made = ConsultFactory(case=case, to_user=asked)
    assert remind(made.due_at - timedelta(seconds=1)) == 0
    assert remind(made.due_at) == 1
    assert remind(made.due_at + timedelta(days=1)) == 0
    names = {(asked.name, "case.consult_overdue"), (made.asked_by.name, "case.consult_overdue")}
    assert told() == names


def test_nobody_is_told_of_what_is_out_of_their_sight(case: Case) -> None:
    asked = person("associate", service=ServiceFactory())
    HandoverFactory(case=case, to_service=ServiceFactory())
    ConsultFactory(case=case, to_user=asked)
    Case.objects.filter(pk=case.pk).update(sensitivity="restricted")
    assert remind(timezone.now() + timedelta(days=2)) == 2
    assert told() == set()


def test_nothing_is_told_of_what_is_settled(case: Case) -> None:
    at = timezone.now() + timedelta(minutes=1)
    settled = {"state": "over", "settled_at": at}
    HandoverFactory(case=case, to_service=ServiceFactory(), **settled)
    ConsultFactory(case=case, to_user=person("associate", service=ServiceFactory()), **settled)
    assert remind(timezone.now() + timedelta(days=2)) == 0


def test_whom_an_offer_is_for_and_whoever_made_it(case: Case, service: Service) -> None:
    other = ServiceFactory()
    giver, taker = person("associate", service=service), person("associate", service=other)
    person("associate", service=ServiceFactory())
    made = offer_handover(actor=actor_for(giver), ref=case.ref, summary=SUMMARY, service_id=other.pk)
    assert told() == {(taker.name, "case.handover_offered")}
    accept_handover(actor=actor_for(taker), handover_id=made.pk)
    assert told() == {(taker.name, "case.handover_offered"), (giver.name, "case.handover_settled")}
    assert not visible_to(actor_for(giver)).filter(pk=case.pk).exists()


def test_whom_a_question_is_for_until_it_is_withdrawn(case: Case, service: Service) -> None:
    asker, asked = person("associate", service=service), person("associate", service=ServiceFactory())
    due = timezone.now() + timedelta(hours=2)
    made = ask_colleague(actor=actor_for(asker), ref=case.ref, user_id=asked.pk, question="Which?", due_at=due)
    withdraw_consult(actor=actor_for(asker), consult_id=made.pk)
    assert told() == set(), "by then it is out of their sight"
    ask_colleague(actor=actor_for(asker), ref=case.ref, user_id=asked.pk, question="Which?", due_at=due)
    assert told() == {(asked.name, "case.consult_asked")}
