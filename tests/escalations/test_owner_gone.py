"""Nobody took the case off an owner who has left, moved on or lost sight of it: those hear who could find another one."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from escalations import actions
from escalations.models import Case, ChannelThread, ServiceMailbox
from escalations.queries import audience
from portal.accounts.actions import deactivate, end_membership
from portal.accounts.models import Membership
from portal.accounts.rules import SYSTEM
from portal.notifications import tasks
from portal.notifications.models import Notification
from portal.notifications.registry import Delivery
from tests.escalations.mailing import box, files_root, made
from tests.escalations.pages_world import World
from tests.factories.accounts import MembershipFactory
from tests.factories.case_mail import case_of, receive
from tests.factories.channels import ChannelEndpointFactory, bring
from tests.factories.escalations import hold

__all__ = ["box", "files_root", "made"]
pytestmark = pytest.mark.django_db
FINDERS = {"Service Lead", "Coordinator"}


@pytest.fixture
def case(made: World, box: ServiceMailbox) -> Case:
    """A case at a site that began with a mail, owned by the associate."""
    box.site = made.site
    box.save()
    found = case_of(receive(box, "One", id="<1@guest>"))
    actions.assign(actor=made.actor("service_lead"), ref=found.pk, owner_id=made.users["associate"].pk)
    return found


def leave(made: World, case: Case, how: str) -> None:
    """The owner can work the case no more, and nobody says so to the case."""
    user = made.users["associate"]
    if how == "left the company":
        deactivate(actor=SYSTEM, user_id=user.pk)
        return
    end_membership(actor=SYSTEM, membership_id=Membership.objects.get(user=user).pk)
    if how == "is at the partner now":
        MembershipFactory(user=user, role="partner_lead", site=made.site)
    elif how == "is asked from another team":
        MembershipFactory(user=user, role="associate", service=made.other_service)
        due = timezone.now() + timedelta(days=1)
        actions.ask_colleague(
            actor=made.actor("service_lead"), ref=case.pk, user_id=user.pk, question="How was it left?", due_at=due
        )


def told(kind: str) -> set[str]:
    tasks.fan_out()
    rows = Notification.objects.filter(kind=kind)
    return set(rows.values_list("recipient__name", flat=True))


def names(made: World, deliveries: list[Delivery]) -> set[str]:
    known = {user.pk: user.name for user in made.users.values()}
    return {known[one.recipient_id] for one in deliveries}


@pytest.mark.parametrize(
    ("how", "too"),
    [
        ("left the company", set()),
        ("moved on", set()),
        ("is at the partner now", set()),
        ("is asked from another team", {"Associate"}),
    ],
)
def test_what_the_customer_writes_reaches_those_who_could_find_an_owner(
    made: World, box: ServiceMailbox, case: Case, how: str, too: set[str]
) -> None:
    leave(made, case, how)
    receive(box, "Two", headers={"In-Reply-To": "<1@guest>"})
    assert told("case.mail_in") == FINDERS | too
    endpoint = ChannelEndpointFactory(service=made.service)
    row = bring(endpoint, "Hello")
    ChannelThread.objects.filter(digest=row.thread).update(case=case)
    bring(endpoint, "Anybody?", name="m-2")
    assert told("case.channel_in") == FINDERS | too


def test_warnings_and_what_did_not_arrive_reach_them_as_well(made: World, case: Case) -> None:
    event = {"case": case.pk, "metric": "next_reply", "user": made.users["associate"].pk}
    for tell in (audience.warned, audience.lost):
        assert names(made, tell([event])) == {"Associate"}
    leave(made, case, "moved on")
    for tell in (audience.warned, audience.breached, audience.lost, audience.written_to):
        assert names(made, tell([event])) == FINDERS, tell.__name__
    assert names(made, audience.lost([{**event, "by_law": True}])) == FINDERS


def test_of_a_restricted_case_only_who_was_let_in(made: World, box: ServiceMailbox, case: Case) -> None:
    lead, owner = made.actor("service_lead"), made.actor("associate")
    actions.set_sensitivity(actor=SYSTEM, ref=case.pk, sensitivity="restricted")
    until = timezone.now() + timedelta(days=3)
    case.grants.update(expires_at=until)
    assert case.grants.filter(user=owner.user_id).exists()
    hold(case, lead)
    with time_machine.travel(until + timedelta(minutes=1), tick=False):
        receive(box, "Two", headers={"In-Reply-To": "<1@guest>"})
        assert told("case.mail_in") == {"Service Lead"}


def test_it_costs_the_same_for_many(made: World, case: Case) -> None:
    more = [made.case() for _ in range(4)]
    Case.objects.filter(pk__in=[one.pk for one in more]).update(owner=made.users["associate"])
    Case.objects.filter(pk=more[-1].pk).update(owner=made.users["other_associate"])
    counted = []
    for cases in ([case], [case, *more]):
        with CaptureQueriesContext(connection) as caught:
            found = audience.written_to([{"case": one.pk} for one in cases])
        counted.append(len(caught))
    assert len({one.subject_id for one in found}) == 5
    assert counted[0] == counted[1]
