"""What colleagues want of the reader stands on My day, for them alone and as long as it waits."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from escalations import actions
from portal.accounts.rules import SYSTEM
from tests.escalations.pages_world import HTMX, World, world
from tests.factories.handing import ConsultFactory, HandoverFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> World:
    return world()


def piece(client: Client, key: str) -> str:
    return client.get(f"/day/{key}/", headers=HTMX).content.decode()


def test_a_question_stands_on_the_day_of_whom_it_is_asked_until_it_is_answered(made: World) -> None:
    case = made.case("Guest locked out")
    people = {"asked_by": made.users["associate"], "to_user": made.users["other_associate"]}
    one = ConsultFactory(case=case, **people)
    asked, other = made.client("other_associate"), made.client("service_lead")
    text = piece(asked, "consults")
    assert "Which form is it?" in text
    assert f"{case.ref} · Associate" in text
    assert f'href="/consults/{one.pk}/"' in text
    assert "Which form is it?" not in piece(other, "consults")
    type(one).objects.filter(pk=one.pk).update(
        asked_at=timezone.now() - timedelta(days=2), due_at=timezone.now() - timedelta(hours=1)
    )
    assert "Overdue" in piece(asked, "consults")
    assert "Consults" in piece(asked, "waiting")
    type(one).objects.filter(pk=one.pk).update(state="withdrawn", settled_at=timezone.now())
    assert piece(asked, "consults") == ""


def test_a_question_whose_case_went_out_of_sight_is_not_there(made: World) -> None:
    case = made.case("Quiet matter")
    ConsultFactory(case=case, asked_by=made.users["associate"], to_user=made.users["other_associate"])
    assert case.ref in piece(made.client("other_associate"), "consults")
    actions.set_sensitivity(actor=SYSTEM, ref=case.pk, sensitivity="restricted")
    assert piece(made.client("other_associate"), "consults") == ""


def test_an_offer_stands_on_the_day_of_whom_it_is_for(made: World) -> None:
    case = made.case("Guest locked out")
    one = HandoverFactory(case=case, given_by=made.users["associate"], to_user=made.users["service_lead"])
    text = piece(made.client("service_lead"), "offered")
    assert "Guest locked out" in text
    assert f"/handovers/{one.pk}/" in text
    assert piece(made.client("other_associate"), "offered") == ""


def test_a_shift_that_was_handed_over_waits_for_its_taker(made: World) -> None:
    lead = made.actor("service_lead")
    case = made.case("Shift matter")
    actions.assign(actor=lead, ref=case.pk, owner_id=lead.user_id)
    line = actions.HandLine(case.pk, "watches", "Look in.")
    taker = made.users["associate"]
    actions.hand_over_shift(actor=lead, taker_id=taker.pk, lines=[line], key=uuid4())
    assert "Cases of a shift to take over" in piece(made.client("associate"), "waiting")
    assert "Cases of a shift to take over" not in piece(made.client("service_lead"), "waiting")
