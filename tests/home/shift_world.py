"""A day in a shift: cases with one clock each, what people do with them, and how My day tells of it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import time_machine
from django.test import Client

from escalations import actions
from escalations.models import Case
from portal.accounts.models import User
from sla.models import Clock
from tests.escalations.pages_world import HTMX, World, world

#: Six in the evening in Shanghai, five in the morning in Bogota.
NOW: Final = datetime(2026, 11, 19, 10, tzinfo=UTC)
SHANGHAI, BOGOTA = "Asia/Shanghai", "America/Bogota"


def shift_world() -> World:
    """Of some days ago. Everybody lives in UTC, unless a test moves them."""
    with time_machine.travel(NOW - timedelta(days=3), tick=False):
        return world()


def at(hour: float) -> datetime:
    return NOW.replace(hour=0) + timedelta(hours=hour)


def lives(made: World, who: str, zone: str) -> None:
    User.objects.filter(pk=made.users[who].pk).update(time_zone=zone)
    made.users[who].time_zone = zone


def due(made: World, subject: str, when: datetime, *, owner: str = "", **more: Any) -> Case:
    """An open case whose only clock is due then."""
    with time_machine.travel(NOW - timedelta(days=2), tick=False):
        case = made.case(subject, **more)
    clocks = Clock.objects.filter(subject_kind="case", subject_id=case.pk)
    clocks.exclude(metric="resolution").update(state="cancelled", next_event_at=None)
    clocks.filter(metric="resolution").update(due_at=when)
    Case.objects.filter(pk=case.pk).update(
        next_due_at=when, owner=made.users[owner].pk if owner else None, state="in_progress"
    )
    return Case.objects.get(pk=case.pk)


def crowd(made: World) -> None:
    """Eight cases that breach first, so that nothing else is among them."""
    for number in range(8):
        due(made, f"Breaching {number}", NOW + timedelta(minutes=number))


def piece(client: Client, key: str, when: datetime = NOW) -> str:
    with time_machine.travel(when, tick=False):
        response = client.get(f"/day/{key}/", headers=HTMX)
    assert response.status_code == 200
    return " ".join(re.sub(r"<(?:time|b|/b|/time)[^>]*>", "", response.content.decode()).split())


def told(text: str) -> list[str]:
    """What the piece says line by line, without its links."""
    return [re.sub(r"<[^>]+>", "", one) for one in re.findall(r"<dd>(.*?)</dd>", text)]


def signed_in(made: World, who: str) -> Client:
    with time_machine.travel(NOW, tick=False):
        return made.client(who)


def hand(made: World, when: datetime, *lines: tuple[Case, str]) -> int:
    """The service's lead hands these cases to the associate, who watches them."""
    lead = made.actor("service_lead")
    rows = [actions.HandLine(case.pk, "watches", words) for case, words in lines]
    with time_machine.travel(when, tick=False):
        taker = made.users["associate"].pk
        return actions.hand_over_shift(actor=lead, taker_id=taker, lines=rows, key=uuid4()).pk


def handles(made: World, who: str, case: Case, when: datetime, *, verb: str = "") -> None:
    """Somebody calls about a case, or moves it on."""
    with time_machine.travel(when, tick=False):
        if verb:
            actions.set_state(actor=made.actor(who), ref=case.pk, verb=verb)
        else:
            said = {"channel": "phone", "direction": "out", "outcome": "reached", "text": "They know."}
            actions.log_contact(actor=made.actor(who), ref=case.pk, **said)
