"""A colleague is asked, reads the case until they have answered, and does nothing else with it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import Http404
from django.utils import timezone

from escalations import actions, queries
from escalations.actions import Refused, answer_consult, ask_colleague, withdraw_consult
from escalations.choices.handing import ConsultState
from escalations.models import Case, Consult, Service, TimelineEntry
from partners.models import Site
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.accounts.rules import Actor
from portal.ui.times import time_text
from tests.factories.escalations import CaseFactory, ServiceFactory, actor, associate, hold, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def asker(service: Service) -> User:
    return person("associate", service=service)


@pytest.fixture
def expert(db: None) -> User:
    """An associate of another service."""
    return person("associate", service=ServiceFactory())


@pytest.fixture
def case(service: Service, site: Site, asker: User) -> Case:
    made: Case = CaseFactory(service=service, site=site, owner=asker)
    return made


def due(hours: int = 4) -> datetime:
    return timezone.now() + timedelta(hours=hours)


def ask(by: User | Actor, case: Case, whom: User, **more: Any) -> Consult:
    someone = by if isinstance(by, Actor) else actor_for(by)
    asked = {"question": "Which form is it?", "due_at": due(), **more}
    return ask_colleague(actor=someone, ref=case.ref, user_id=whom.pk, **asked)


def sees(someone: User, case: Case) -> bool:
    return queries.visible_to(actor_for(someone)).filter(pk=case.pk).exists()


def test_a_question_and_its_answer_stand_in_the_activity(case: Case, asker: User, expert: User) -> None:
    consult = ask(asker, case, expert)
    assert sees(expert, case)
    answer_consult(actor=actor_for(expert), consult_id=consult.pk, text="Form 12")
    consult.refresh_from_db()
    assert consult.state == ConsultState.ANSWERED
    assert not sees(expert, case)
    rows = TimelineEntry.objects.filter(case=case, kind="consult").select_related("body", "actor")
    lines = queries.entry_lines(rows.order_by("pk"))
    assert [(one.sentence, one.text) for one in lines] == [
        (f"Asked {expert.name}, answer by {time_text(consult.due_at, 'full')}", "Which form is it?"),
        (f"Answer to {asker.name}", "Form 12"),
    ]
    assert all(one.entry.is_internal for one in lines)


def test_partner_users_never_see_them(case: Case, asker: User, expert: User, site: Site) -> None:
    lead = actor("partner_lead", site=site)
    answer_consult(actor=actor_for(expert), consult_id=ask(asker, case, expert).pk, text="Form 12")
    assert not queries.entries_visible_to(lead, case).filter(kind="consult").exists()


def test_several_people_are_asked_at_once_each_once(case: Case, asker: User, expert: User, service: Service) -> None:
    colleague = person("associate", service=service)
    ask(asker, case, expert)
    ask(asker, case, colleague)
    with pytest.raises(Refused) as error:
        ask(asker, case, expert)
    assert error.value.code == "already_asked"
    assert Consult.objects.filter(state="open").count() == 2


def test_whom_one_may_not_ask(case: Case, asker: User, site: Site) -> None:
    people = [person("partner_agent", site=site), person("auditor"), person("administrator"), person("it_fulfilment")]
    gone = person("associate", service=ServiceFactory())
    User.objects.filter(pk=gone.pk).update(is_active=False)
    for whom in (*people, gone):
        with pytest.raises(Refused) as error:
            ask(asker, case, whom)
        assert error.value.code == "cannot_be_asked"
    with pytest.raises(Refused) as error:
        ask(asker, case, asker)
    assert error.value.code == "asked_oneself"
    assert not Consult.objects.exists()


@pytest.mark.parametrize("hours", [0, -1, 24 * 366])
def test_when_an_answer_may_not_be_due(case: Case, asker: User, expert: User, hours: int) -> None:
    with pytest.raises(Refused) as error:
        ask(asker, case, expert, due_at=due(hours))
    assert error.value.code == "due_unfit"


def test_a_confidential_case_is_opened_by_a_lead_of_its_service_alone(
    service: Service, site: Site, asker: User, expert: User
) -> None:
    case = CaseFactory(service=service, site=site, owner=asker, sensitivity="confidential")
    with pytest.raises(Refused) as error:
        ask(asker, case, expert)
    assert error.value.code == "cannot_be_asked"
    colleague = person("associate", service=service)
    assert ask(asker, case, colleague).opens == ""
    consult = ask(associate(service, lead=True), case, expert)
    assert sees(expert, case)
    actions.set_sensitivity(actor=actor_for(asker), ref=case.ref, sensitivity="restricted")
    assert not sees(expert, case)
    with pytest.raises(Http404):
        answer_consult(actor=actor_for(expert), consult_id=consult.pk, text="Form 12")


def test_a_question_about_a_restricted_case_goes_to_holders_of_a_grant(
    service: Service, site: Site, asker: User, expert: User
) -> None:
    case = CaseFactory(service=service, site=site, owner=asker, sensitivity="restricted")
    lead, holder = person("associate", service=service, is_lead=True), person("associate", service=service)
    for one in (asker, lead, holder):
        hold(case, actor_for(one))
    for by, whom in ((asker, expert), (lead, expert), (asker, person("associate", service=service))):
        with pytest.raises(Refused) as error:
            ask(by, case, whom)
        assert error.value.code == "cannot_be_asked"
    consult = ask(asker, case, holder)
    answer_consult(actor=actor_for(holder), consult_id=consult.pk, text="Form 12")
    assert sees(holder, case)


def test_raised_to_confidential_a_case_is_closed_to_whoever_was_asked(case: Case, asker: User, expert: User) -> None:
    ask(asker, case, expert)
    actions.set_sensitivity(actor=actor_for(asker), ref=case.ref, sensitivity="confidential")
    assert not sees(expert, case)


def test_who_was_asked_answers_and_does_nothing_else(case: Case, asker: User, expert: User) -> None:
    consult, someone = ask(asker, case, expert), actor_for(expert)
    tries: list[Any] = [
        lambda: actions.assign(actor=someone, ref=case.ref, owner_id=expert.pk),
        lambda: actions.set_state(actor=someone, ref=case.ref, verb="start"),
        lambda: actions.add_note(actor=someone, ref=case.ref, text="Mine", shared=False),
        lambda: actions.watch(actor=someone, ref=case.ref),
        lambda: ask_colleague(actor=someone, ref=case.ref, user_id=asker.pk, question="?", due_at=due()),
        lambda: withdraw_consult(actor=someone, consult_id=consult.pk),
        lambda: actions.change_service(actor=someone, ref=case.ref, service_id=1),
    ]
    for act in tries:
        with pytest.raises(Refused) as error:
            act()
        assert error.value.code in ("only_to_read", "not_your_role")
    with pytest.raises(Refused):
        answer_consult(actor=someone, consult_id=consult.pk, text="  ")
    assert TimelineEntry.objects.filter(case=case, actor=expert).count() == 0


def test_nobody_else_answers_and_nobody_twice(case: Case, asker: User, expert: User, service: Service) -> None:
    consult = ask(asker, case, expert)
    for someone in (actor_for(asker), associate(service, lead=True)):
        with pytest.raises(Refused):
            answer_consult(actor=someone, consult_id=consult.pk, text="Form 12")
    with pytest.raises(Http404):
        answer_consult(actor=associate(ServiceFactory()), consult_id=consult.pk, text="Form 12")
    withdraw_consult(actor=actor_for(asker), consult_id=consult.pk)
    assert not sees(expert, case)
    with pytest.raises(Refused) as error:
        withdraw_consult(actor=actor_for(asker), consult_id=consult.pk)
    assert error.value.code == "consult_settled"
    with pytest.raises(Http404):
        answer_consult(actor=actor_for(expert), consult_id=consult.pk, text="Form 12")


def test_a_question_ends_with_its_case_by_whatever_door(
    service: Service, site: Site, asker: User, expert: User
) -> None:
    by, target = actor_for(asker), CaseFactory(service=service, site=site)
    lead = associate(service, lead=True)

    def closed_by_itself(case: Case) -> None:
        then = timezone.now() - timedelta(days=8)
        Case.objects.filter(pk=case.pk).update(state="resolved", resolved_at=then)
        actions.close_resolved()

    ways: list[Any] = [
        lambda case: actions.set_state(actor=lead, ref=case.ref, verb="reject", reject_reason="spam"),
        lambda case: actions.merge(actor=by, source=case.ref, target=target.ref, reason="One matter"),
        closed_by_itself,
    ]
    for end in ways:
        case = CaseFactory(service=service, site=site, owner=asker)
        consult = ask(asker, case, expert)
        end(case)
        consult.refresh_from_db()
        assert consult.state == ConsultState.OVER
        assert not sees(expert, case)


def test_a_resolved_case_can_still_be_answered_about(case: Case, asker: User, expert: User) -> None:
    consult = ask(asker, case, expert)
    actions.set_state(actor=actor_for(asker), ref=case.ref, verb="start")
    actions.set_state(actor=actor_for(asker), ref=case.ref, verb="resolve")
    answer_consult(actor=actor_for(expert), consult_id=consult.pk, text="Form 12")


def moved(case: Case, by: Actor) -> Service:
    """The case is with another service now."""
    to: Service = ServiceFactory()
    actions.change_service(actor=by, ref=case.ref, service_id=to.pk)
    return to


def test_what_a_lead_opened_ends_when_the_case_leaves_their_service(
    service: Service, site: Site, asker: User, expert: User
) -> None:
    case = CaseFactory(service=service, site=site, owner=asker, sensitivity="confidential")
    lead, colleague = associate(service, lead=True), person("associate", service=service)
    consult, other = ask(lead, case, expert), ask(asker, case, colleague)
    assert (consult.opens, other.opens) == ("confidential", "")
    theirs = associate(moved(case, lead), lead=True)
    actions.add_note(actor=theirs, ref=case.ref, text="Ours alone", shared=False)
    assert not sees(expert, case)
    assert queries.consults_for(actor_for(expert)) == []
    consult.refresh_from_db()
    other.refresh_from_db()
    assert (consult.state, other.state) == (ConsultState.OVER, ConsultState.OPEN)
    [said] = queries.entry_lines(case.entries.filter(code="consult.over"))
    assert said.sentence == f"Question to {expert.name} ended: the case went to another service"
    assert said.entry.is_internal
    actions.set_sensitivity(actor=theirs, ref=case.ref, sensitivity="standard", reason="Nothing to hide")
    assert not sees(expert, case), "it does not come back"


def test_what_a_lead_opened_is_no_key_to_what_the_next_service_makes_confidential(
    service: Service, site: Site, asker: User, expert: User
) -> None:
    case = CaseFactory(service=service, site=site, owner=asker, sensitivity="confidential")
    lead = associate(service, lead=True)
    consult = ask(lead, case, expert)
    actions.set_sensitivity(actor=lead, ref=case.ref, sensitivity="standard", reason="Nothing to hide")
    theirs = associate(moved(case, lead), lead=True)
    assert sees(expert, case), "whoever works a standard case may ask"
    actions.set_sensitivity(actor=theirs, ref=case.ref, sensitivity="confidential")
    assert not sees(expert, case)
    with pytest.raises(Http404):
        answer_consult(actor=actor_for(expert), consult_id=consult.pk, text="Form 12")
