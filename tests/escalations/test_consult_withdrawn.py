"""Who was asked hears once that no answer is needed any more: of a case that they see by its reference, else without a word of it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from escalations import actions
from escalations.actions import answer_consult, ask_colleague, withdraw_consult
from escalations.models import Case, Consult, Service
from escalations.notices_handing import withdrawn
from escalations.queries import audience_handing
from partners.models import Site
from portal.accounts.actions import end_membership
from portal.accounts.models import Membership, User
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM
from portal.notifications.models import Notification
from portal.notifications.tasks import fan_out
from tests.factories.accounts import MembershipFactory
from tests.factories.escalations import CaseFactory, ServiceFactory, hold, person

pytestmark = pytest.mark.django_db
KIND = "case.consult_withdrawn"
UNNAMED = "1 question to you needs no answer any more"


@pytest.fixture
def asker(service: Service) -> User:
    return person("associate", service=service, is_lead=True)


@pytest.fixture
def expert(db: None) -> User:
    return person("associate", service=ServiceFactory())


@pytest.fixture
def colleague(service: Service) -> User:
    return person("associate", service=service)


@pytest.fixture
def case(service: Service, site: Site, asker: User) -> Case:
    made: Case = CaseFactory(service=service, site=site, owner=asker)
    return made


def ask(by: User, case: Case, whom: User) -> Consult:
    due = timezone.now() + timedelta(hours=4)
    return ask_colleague(actor=actor_for(by), ref=case.ref, user_id=whom.pk, question="Which form?", due_at=due)


def take_back(by: User, *consults: Consult) -> None:
    fan_out()
    for one in consults:
        withdraw_consult(actor=actor_for(by), consult_id=one.pk)
    fan_out()
    fan_out()


def inbox(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.get("/inbox/").content.decode()


def test_by_its_case_for_a_colleague_and_without_it_for_who_was_let_in(
    case: Case, asker: User, expert: User, colleague: User
) -> None:
    take_back(asker, ask(asker, case, expert), ask(asker, case, colleague))
    rows = Notification.objects.filter(kind=KIND)
    assert {(one.recipient, one.count) for one in rows} == {(expert, 1), (colleague, 1)}
    assert f"The question to you about {case.ref} needs no answer any more" in inbox(colleague)
    assert f"/cases/{case.ref}/" in inbox(colleague)
    assert UNNAMED in inbox(expert)
    assert case.ref not in inbox(expert)


@pytest.mark.parametrize("level", ["confidential", "restricted"])
def test_of_a_case_that_was_closed_to_them_meanwhile_they_read_no_name(
    case: Case, asker: User, colleague: User, level: str
) -> None:
    take_back(asker, ask(asker, case, colleague))
    actions.set_sensitivity(actor=SYSTEM, ref=case.ref, sensitivity=level)
    assert (case.ref in inbox(colleague)) == (level == "confidential")
    hold(case, actor_for(asker))
    other = person("associate", service=case.service)
    if level == "restricted":
        held = hold(case, actor_for(other))
        consult = ask(asker, case, other)
        fan_out()
        held.revoked_at = timezone.now()
        held.save()
        take_back(asker, consult)
        assert UNNAMED in inbox(other)
        assert case.ref not in inbox(other)


def test_nobody_hears_of_their_own_act_of_an_answer_or_after_they_left(
    case: Case, asker: User, expert: User, site: Site
) -> None:
    answered = ask(asker, case, expert)
    answer_consult(actor=actor_for(expert), consult_id=answered.pk, text="Form 12")
    lead = person("associate", service=case.service, is_lead=True)
    take_back(lead, ask(asker, case, lead))
    consult = ask(asker, case, expert)
    end_membership(actor=SYSTEM, membership_id=Membership.objects.get(user=expert).pk)
    MembershipFactory(user=expert, role="partner_qa", site=site)
    take_back(asker, consult)
    assert not Notification.objects.filter(kind=KIND).exists()


def test_nobody_hears_of_a_question_that_they_had_not_heard_of(
    case: Case, asker: User, expert: User, colleague: User
) -> None:
    for one in (expert, colleague):
        withdraw_consult(actor=actor_for(asker), consult_id=ask(asker, case, one).pk)
    fan_out()
    assert not Notification.objects.exists()


def test_in_the_language_of_the_reader_and_of_several_at_once() -> None:
    assert withdrawn({"ref": "EC-5"}, 2) == "2 questions to you need no answer any more"
    with override("zh-hans"):
        assert "EC-5" in withdrawn({"ref": "EC-5"}, 1)


def test_it_costs_the_same_for_many(case: Case, asker: User, expert: User, colleague: User) -> None:
    payloads = [{"case": case.pk, "user": one.pk, "consult": ask(asker, case, one).pk} for one in (expert, colleague)]
    counted = []
    for number in (1, 2):
        with CaptureQueriesContext(connection) as caught:
            assert len(audience_handing.withdrawn(payloads[:number])) == number
        counted.append(len(caught))
    assert counted[0] == counted[1]
