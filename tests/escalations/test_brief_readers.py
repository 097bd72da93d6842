"""A copy of a brief is read as long as its reader may still be given it at that level."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from escalations import actions
from escalations.choices.briefs import BriefLevel
from escalations.models import BriefCopy, Case
from escalations.queries import audience, outer_due
from escalations.queries import briefs as known
from portal.accounts.choices import Role
from portal.accounts.models import Membership
from portal.accounts.rules import SYSTEM
from portal.notifications import queries as inbox
from portal.notifications import tasks
from tests.escalations.briefing import rich_case, written
from tests.escalations.pages_world import World, world
from tests.factories.accounts import MembershipFactory
from tests.factories.statutory import jurisdiction_with

pytestmark = pytest.mark.django_db
WHO = "associate"


@pytest.fixture
def here() -> World:
    """With somebody who is a member of the service, and the partner's quality at the site of its cases."""
    made = world()
    MembershipFactory(user=made.users[WHO], role=Role.PARTNER_QA, site=made.site)
    return made


@pytest.fixture
def case(here: World) -> Case:
    return rich_case(here)


@pytest.fixture
def copies(here: World, case: Case) -> dict[str, BriefCopy]:
    """One of each level, each of a version of its own."""
    found = {}
    for number, level in enumerate(BriefLevel.values, 1):
        written(here, case)
        found[level] = actions.give_brief(
            actor=here.actor("service_lead"), ref=case.pk, version=number, level=level, reader_id=here.users[WHO].pk
        )
    return found


def opened(client: Client, copies: dict[str, BriefCopy]) -> dict[str, set[int]]:
    """What page and paper of each answer."""
    return {
        level: {client.get(f"/briefs/{copy.pk}/{part}").status_code for part in ("", "pdf/")}
        for level, copy in copies.items()
    }


def ends_membership(here: World, case: Case) -> None:
    Membership.objects.filter(user=here.users[WHO], role=Role.ASSOCIATE).update(ended_at=timezone.now())


def moves_on(here: World, case: Case) -> None:
    actions.change_service(actor=SYSTEM, ref=case.pk, service_id=here.other_service.pk, reason="Theirs")


@pytest.mark.parametrize("leave", [ends_membership, moves_on])
def test_who_is_a_partner_user_by_now_reads_what_goes_outside(
    here: World, case: Case, copies: dict[str, BriefCopy], leave: object
) -> None:
    client = here.client(WHO)
    assert opened(client, copies) == {"full": {200}, "internal": {200}, "outside": {200}}
    assert callable(leave)
    leave(here, case)
    assert client.get(f"/cases/{case.ref}/").status_code == 200, "as the partner's"
    assert opened(client, copies) == {"full": {404}, "internal": {404}, "outside": {200}}
    assert "zqneutral" in client.get(f"/briefs/{copies['outside'].pk}/").text
    assert known.copies_open_to(here.actor(WHO), [case.pk]) == [(copies["outside"].pk, case.pk)]


def told(here: World) -> list[str]:
    who = here.actor(WHO)
    found = inbox.shown(who, list(inbox.inbox_of(who).filter(kind="case.brief").order_by("pk")))
    return [one.url for one in found]


def test_they_are_led_to_no_copy_that_is_closed_to_them(here: World, case: Case, copies: dict[str, BriefCopy]) -> None:
    payloads = [{"case": case.pk, "user": here.users[WHO].pk, "copy": copy.pk} for copy in copies.values()]
    every = [f"/briefs/{copy.pk}/" for copy in copies.values()]
    outside = f"/briefs/{copies['outside'].pk}/"
    assert [one.url for one in audience.briefed(payloads)] == every
    ends_membership(here, case)
    assert [one.url for one in audience.briefed(payloads)] == [outside]
    tasks.fan_out()
    assert told(here) == [outside]


@pytest.mark.parametrize("level", BriefLevel.values)
def test_a_notice_goes_with_the_copy(here: World, case: Case, level: str) -> None:
    written(here, case)
    copy = actions.give_brief(
        actor=here.actor("service_lead"), ref=case.pk, version=1, level=level, reader_id=here.users[WHO].pk
    )
    tasks.fan_out()
    assert told(here) == [f"/briefs/{copy.pk}/"]
    moves_on(here, case)
    assert bool(told(here)) is (level == "outside")


def test_what_the_law_waits_for_goes_in_no_copy_outside(here: World, case: Case) -> None:
    """An answer by law was sent and another is due before anything else."""
    lead, received = here.actor("service_lead"), timezone.now() - timedelta(days=2)
    law = jurisdiction_with(ack=1, final=1)
    actions.regulate(actor=lead, ref=case.pk, jurisdiction_id=law.pk, received_at=received)
    sent = actions.log_contact(actor=lead, ref=case.pk, channel="email", direction="out", outcome="sent", text="Sorry")
    actions.answer_by_law(actor=lead, ref=case.pk, duties=["statutory_ack"], contact_id=sent.pk)
    case.refresh_from_db()
    draft = here.client("service_lead").get(f"/cases/{case.ref}/briefs/new/").context["form"]
    assert draft.initial["by"] == outer_due(case) != case.next_due_at
    client, said = here.client(WHO), set()
    for number, level in enumerate(BriefLevel.values, 1):
        written(here, case)
        copy = actions.give_brief(actor=lead, ref=case.pk, version=number, level=level, reader_id=here.users[WHO].pk)
        if "by law" in client.get(f"/briefs/{copy.pk}/").text:
            said.add(level)
    assert said == {"full", "internal"}
