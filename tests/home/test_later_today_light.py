"""What My day reads to show a few rows: no more for many, and nothing that its reader may not see takes their room."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client

from escalations import actions, queries
from escalations.models import Case, Watcher
from escalations.queries.consults import consults_for, count_for
from escalations.queries.handing import count_offered, first_offers, offers_to
from portal.accounts.rules import SYSTEM
from portal.ui.glance import glance
from tests.escalations.pages_world import HTMX, World
from tests.factories.handing import ConsultFactory, HandoverFactory
from tests.factories.statutory import jurisdiction_with
from tests.home.shift_world import NOW, at, crowd, due, piece, shift_world, signed_in
from tests.home.test_later_today import ahead
from tests.reviews.action_world import raised

pytestmark = pytest.mark.django_db
EARLIER = NOW - timedelta(hours=1)


@pytest.fixture
def made() -> World:
    return shift_world()


def asked(made: World, case: Case, hour: float) -> None:
    """The associate asks the coordinator, and offers the case, too; neither opens it to somebody who does not see it."""
    of = {"to_user": made.users["coordinator"]}
    with time_machine.travel(EARLIER, tick=False):
        ConsultFactory(case=case, opens="", due_at=at(hour), asked_by=made.users["associate"], **of)
        HandoverFactory(case=case, given_by=made.users["associate"], **of)


def lots(made: World, numbers: range) -> None:
    for number in numbers:
        hour = 12 + number / 10
        asked(made, due(made, f"Mine {number}", at(hour), owner="coordinator"), hour)
        Watcher.objects.create(case=due(made, f"Watched {number}", at(hour)), user=made.users["coordinator"])
        with time_machine.travel(EARLIER, tick=False):
            raised(made, title=f"Action {number}", owner="coordinator", due_at=at(hour))


def read_by(client: Client, key: str) -> tuple[int, int]:
    """How many statements a piece asks, and how many rows they give."""
    rows: list[int] = []

    def counted(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        done = execute(sql, params, many, context)
        rows.append(max(context["cursor"].rowcount, 0))
        return done

    with time_machine.travel(NOW, tick=False), connection.execute_wrapper(counted):
        assert client.get(f"/day/{key}/", headers=HTMX).text.count('class="todo"') in (6, 8)
    return len(rows), sum(rows)


def test_ten_and_sixty_of_each_are_read_alike(made: World) -> None:
    crowd(made)
    lots(made, range(10))
    client, pieces = signed_in(made, "coordinator"), ("later_today", "consults", "offered")
    few = {key: read_by(client, key) for key in pieces}
    lots(made, range(10, 60))
    assert {key: read_by(client, key) for key in pieces} == few


def test_what_is_hidden_takes_no_room_and_is_not_counted(made: World) -> None:
    crowd(made)
    me = made.users["coordinator"]
    for number in range(9):
        case = due(made, f"Hidden {number}", at(11), owner="" if number % 2 else "coordinator")
        Watcher.objects.create(case=case, user=me)
        asked(made, case, 11)
        Case.objects.filter(pk=case.pk).update(sensitivity="restricted")
    seen = due(made, "Seen", at(20), owner="coordinator")
    asked(made, seen, 21)
    client, actor = signed_in(made, "coordinator"), made.actor("coordinator")
    assert ahead(client) == ["20:00 Seen", "21:00 Which form is it?"]
    assert f"{seen.ref} · question of" in piece(client, "later_today")
    for key in ("consults", "offered"):
        text = piece(client, key)
        assert text.count('class="todo"') == 1
        assert seen.ref in text
    assert [one.case_id for one in consults_for(actor, most=6)] == [seen.pk]
    assert [one.case_id for one in (*first_offers(actor, 6), *offers_to(actor))] == [seen.pk, seen.pk]
    assert (count_for(actor), count_offered(actor)) == (1, 1)


def test_what_is_late_does_not_hide_what_is_ahead(made: World) -> None:
    """Of it the answers by law that follow stand there, and nothing else."""
    crowd(made)
    for number in range(20):
        due(made, f"Late {number}", at(5), owner="coordinator")
    due(made, "Mine", at(15), owner="coordinator")
    with time_machine.travel(EARLIER, tick=False):
        law, received = jurisdiction_with(ack=1), NOW - timedelta(days=1)
        late = due(made, "Complaint", at(8), owner="coordinator")
        actions.regulate(actor=made.actor("coordinator"), ref=late.pk, jurisdiction_id=law.pk, received_at=received)
    assert ahead(signed_in(made, "coordinator")) == ["15:00 Mine", "23:59 Complaint"]


def test_who_sees_what_is_kept_apart_in_a_glance(made: World) -> None:
    case = due(made, "Quiet matter", at(15))
    Case.objects.filter(pk=case.pk).update(sensitivity="confidential")
    with glance():
        for _again in range(2):
            seen = {who: queries.visible_to(made.actor(who)).filter(pk=case.pk).exists() for who in made.users}
            assert seen["associate"]
            assert not seen["coordinator"]
            assert queries.visible_to(SYSTEM).filter(pk=case.pk).exists()
        Case.objects.filter(pk=case.pk).update(sensitivity="standard")
        assert queries.visible_to(made.actor("coordinator")).filter(pk=case.pk).exists(), "cases are read each time"
