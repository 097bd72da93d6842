"""A question and an offer open one case to those they are for, at every door, and close it again at every door."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from escalations import actions
from escalations.actions import Refused
from escalations.models import Case, Consult, Handover
from escalations.queries.mentions import suggestions
from portal.notifications.tasks import fan_out
from tests.escalations.case_page import page
from tests.escalations.pages_world import HTMX, World, world
from tests.factories.api import Program
from tests.factories.escalations import hold

pytestmark = pytest.mark.django_db
SECRET, QUESTION, ANSWER, RISK = "zqharbourxw", "zqquestionxw", "zqanswerxw", "zqriskxw"
STRANGER = "other_associate"
#: Who may not learn of a question or an offer in a standard case, whatever they see of it.
OUTSIDE = ("lead", "qa", "agent", "foreign_lead", "it")


@pytest.fixture
def here() -> World:
    return world()


def case(here: World, level: str = "standard") -> Case:
    made = here.case(f"{SECRET} {level}", sensitivity=level)
    Case.objects.filter(pk=made.pk).update(owner=here.users["associate"])
    made.refresh_from_db()
    if level == "restricted":
        for who in ("associate", "service_lead"):
            hold(made, here.actor(who))
    return made


def ask(here: World, made: Case, by: str = "associate", whom: str = STRANGER) -> Consult:
    due = timezone.now() + timedelta(hours=3)
    return actions.ask_colleague(
        actor=here.actor(by), ref=made.ref, user_id=here.users[whom].pk, question=QUESTION, due_at=due
    )


def offer(here: World, made: Case, **to: Any) -> Handover:
    summary = {"done": "Rebooked", "open": "Refund", "promised": "A call", "risks": RISK}
    return actions.offer_handover(actor=here.actor("associate"), ref=made.ref, summary=summary, **to)


def doors(here: World, who: str) -> dict[str, str]:
    """All that somebody is shown of cases without naming one."""
    fan_out()
    client, program = here.client(who), Program(here.users[who])
    found = {
        url: client.get(url)
        for url in (
            "/", "/queue/", "/queue/rows/", "/queue/export/", f"/search/?q={SECRET}", "/inbox/", "/consults/", "/handovers/",
            f"/queue/?q={SECRET}",
        )
    }  # fmt: skip
    shown = {url: b"".join(one).decode() if one.streaming else one.content.decode() for url, one in found.items()}
    shown |= {path: program.get(path).content.decode() for path in ("/cases", f"/cases?q={SECRET}")}
    return shown


def told(here: World, who: str, made: Case) -> set[str]:
    """The doors that tell this person of the case: all of them name it."""
    return {url for url, text in doors(here, who).items() if made.ref in text}


def opens(here: World, who: str, made: Case) -> bool:
    """Whether the case can be read by its number: on its page and in the API, and at its other doors alike."""
    client, program = here.client(who), Program(here.users[who])
    seen = {
        client.get(f"/cases/{made.ref}/{part}").status_code == 200 for part in ("", "handing/", "playbook/", "facts/")
    }
    seen |= {program.get(f"/cases/{made.ref}{part}").status_code == 200 for part in ("", "/entries", "/clocks")}
    assert len(seen) == 1
    return seen.pop()


def test_a_standard_case_is_open_while_the_question_is(here: World) -> None:
    made = case(here)
    assert told(here, STRANGER, made) == set()
    assert not opens(here, STRANGER, made)
    consult = ask(here, made)
    shown = told(here, STRANGER, made)
    assert {"/queue/", "/queue/export/", f"/search/?q={SECRET}", "/consults/", "/inbox/", "/cases"} <= shown
    assert "/handovers/" not in shown
    assert opens(here, STRANGER, made)
    actions.answer_consult(actor=here.actor(STRANGER), consult_id=consult.pk, text=ANSWER)
    assert told(here, STRANGER, made) == set()
    assert not opens(here, STRANGER, made)
    assert here.client(STRANGER).get(f"/consults/{consult.pk}/").status_code == 404


@pytest.mark.parametrize("level", ["confidential", "restricted"])
def test_a_sensitive_case_stays_absent_before_and_after_somebody_else_was_asked(here: World, level: str) -> None:
    made = case(here, level)
    ask(here, made, whom="service_lead")
    with pytest.raises(Refused):
        ask(here, made)
    for who in (STRANGER, "coordinator", "manager", "administrator", *OUTSIDE):
        assert told(here, who, made) == set(), who
        assert not opens(here, who, made), who
    actions.answer_consult(actor=here.actor("service_lead"), consult_id=Consult.objects.get().pk, text=ANSWER)
    for who in (STRANGER, "coordinator", *OUTSIDE):
        assert told(here, who, made) == set(), who


def test_a_confidential_case_is_opened_by_its_lead_and_closed_when_it_is_restricted(here: World) -> None:
    made = case(here, "confidential")
    consult = ask(here, made, by="service_lead")
    assert opens(here, STRANGER, made)
    actions.set_sensitivity(actor=here.actor("associate"), ref=made.ref, sensitivity="restricted")
    assert told(here, STRANGER, made) == set()
    assert not opens(here, STRANGER, made)
    assert here.client(STRANGER).get(f"/consults/{consult.pk}/").status_code == 404


def test_an_offer_opens_a_standard_case_to_the_service_and_a_sensitive_one_to_nobody(here: World) -> None:
    made = case(here)
    made_offer = offer(here, made, service_id=here.other_service.pk)
    assert "/handovers/" in told(here, STRANGER, made)
    assert opens(here, STRANGER, made)
    actions.take_back_handover(actor=here.actor("associate"), handover_id=made_offer.pk)
    assert told(here, STRANGER, made) == set()
    assert not opens(here, STRANGER, made)
    for level in ("confidential", "restricted"):
        hidden = case(here, level)
        offer(here, hidden, user_id=here.users["service_lead"].pk)
        for who in (STRANGER, "coordinator", "administrator", *OUTSIDE):
            assert told(here, who, hidden) == set(), (level, who)
            assert not opens(here, who, hidden), (level, who)


def test_partner_users_read_nothing_of_what_colleagues_ask_and_offer(here: World) -> None:
    made = case(here)
    consult = ask(here, made)
    handover = offer(here, made, user_id=here.users["service_lead"].pk)
    actions.answer_consult(actor=here.actor(STRANGER), consult_id=consult.pk, text=ANSWER)
    for who in ("lead", "qa"):
        shown = page(here, who, made) + "".join(doors(here, who).values())
        shown += Program(here.users[who]).get(f"/cases/{made.ref}/entries").content.decode()
        assert not [word for word in (QUESTION, ANSWER, RISK, "handing/", "Hand-over") if word in shown]
        for url in (f"/consults/{consult.pk}/", f"/handovers/{handover.pk}/", f"/cases/{made.ref}/handing/"):
            for headers in ({}, HTMX):
                assert here.client(who).get(url, headers=headers).status_code == 404
                assert here.client(who).post(url, {"act": "back"}, headers=headers).status_code in (404, 405)


def test_who_was_asked_is_mentioned_and_told_only_meanwhile(here: World) -> None:
    made = case(here)
    named = here.users[STRANGER].name
    assert not suggestions(made, named)
    consult = ask(here, made)
    assert [one.name for one in suggestions(made, named)] == [named]
    actions.withdraw_consult(actor=here.actor("associate"), consult_id=consult.pk)
    assert not suggestions(made, named)
    fan_out()
    inbox = here.client(STRANGER).get("/inbox/").content.decode()
    assert made.ref not in inbox


def test_the_form_offers_nobody_who_may_not_know(here: World) -> None:
    made = case(here, "confidential")
    ask_form = here.client("associate").get(f"/cases/{made.ref}/consult/", headers=HTMX).content.decode()
    offer_form = here.client("associate").get(f"/cases/{made.ref}/handover/", headers=HTMX).content.decode()
    for name in ("Other Associate", "Coordinator", "Manager"):
        assert name not in ask_form
        assert name not in offer_form
    assert "Service Lead" in ask_form
    assert "Service Lead" in offer_form
