"""What an ended case still owes by law stands on My day, for those who work it."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from escalations import actions, queries
from escalations.models import Case, Jurisdiction
from escalations.queries.owed import owed_by_law, owed_cases
from tests.escalations.pages_world import HTMX, World, world
from tests.factories.statutory import ACK, FINAL, jurisdiction_with

pytestmark = pytest.mark.django_db
URL = "/day/owed_by_law/"


@pytest.fixture
def made() -> World:
    return world()


@pytest.fixture
def law() -> Jurisdiction:
    return jurisdiction_with(ack=5, final=56)


def ended(
    made: World, law: Jurisdiction, subject: str = "Deposit kept", *, days: int = 3, verb: str = "resolve"
) -> Case:
    """A complaint that was received so many days ago, over without its answers."""
    case, worker = made.case(subject), made.actor("coordinator")
    received = timezone.now() - timedelta(days=days)
    actions.regulate(actor=worker, ref=case.pk, jurisdiction_id=law.pk, received_at=received)
    more = {"reject_reason": "spam"} if verb == "reject" else {}
    actions.set_state(actor=worker, ref=case.pk, verb="start") if verb == "resolve" else None
    actions.set_state(actor=worker, ref=case.pk, verb=verb, reason="By phone", **more)
    return case


def shown(made: World, who: str) -> str:
    return made.client(who).get(URL, headers=HTMX).text


@pytest.mark.parametrize("verb", ["resolve", "reject"])
def test_an_ended_case_that_owes_stands_on_the_day_of_those_who_work_it(
    made: World, law: Jurisdiction, verb: str
) -> None:
    case = ended(made, law, verb=verb)
    made.case("An open one")
    for who in ("associate", "service_lead", "coordinator", "manager"):
        text = shown(made, who)
        assert "Owed by law" in text, who
        assert f"/cases/{case.ref}/deadlines/" in text, who
        assert "Acknowledgement by law" in text, who
        assert "An open one" not in text, who
        assert f'hx-get="{URL}"' in made.client(who).get("/").text, who
    assert case.ref not in shown(made, "other_associate")
    for who in ("lead", "qa", "agent", "auditor", "administrator", "it"):
        assert made.client(who).get(URL).status_code == 404, who


def test_it_goes_when_the_answers_went_out_or_the_case_goes_on(made: World, law: Jurisdiction) -> None:
    answered, again = ended(made, law), ended(made, law, "Goes on")
    worker = made.actor("associate")
    said = {"channel": "email", "direction": "out", "outcome": "sent", "text": "Our decision"}
    entry = actions.log_contact(actor=worker, ref=answered.pk, **said)
    actions.answer_by_law(actor=worker, ref=answered.pk, duties=[ACK], contact_id=entry.pk)
    assert "Final response by law" in shown(made, "associate")
    actions.answer_by_law(actor=worker, ref=answered.pk, duties=[FINAL], contact_id=entry.pk)
    actions.set_state(actor=worker, ref=again.pk, verb="reopen")
    assert shown(made, "associate").strip() == ""


def test_ten_in_order_of_due_and_how_many_there_are(made: World, law: Jurisdiction) -> None:
    for days in range(12):
        ended(made, law, f"Case {days}", days=days)
    text = shown(made, "associate")
    assert re.findall(r">(Case \d+)</a>", text) == [f"Case {days}" for days in range(11, 1, -1)]
    assert "12 cases have ended" in text


def test_more_of_them_cost_no_more(made: World, law: Jurisdiction) -> None:
    ended(made, law)
    client, counts = made.client("associate"), []
    for _round in range(2):
        with CaptureQueriesContext(connection) as asked:
            client.get(URL, headers=HTMX)
        counts.append(len(asked))
        for number in range(4):
            ended(made, law, f"Another {number}")
    assert counts[0] == counts[1]


def test_a_role_by_which_somebody_only_follows_a_case_shows_nothing(made: World, law: Jurisdiction) -> None:
    case = ended(made, law)
    # An associate elsewhere who is a lead of the partner's site as well sees the case, and nothing internal of it.
    made.users["lead"].memberships.create(role="associate", service=made.other_service)
    actor = made.actor("lead")
    assert queries.visible_to(actor).filter(pk=case.pk).exists()
    assert owed_by_law(actor, 10) == ([], 0)
    assert case.ref not in shown(made, "lead")


def test_its_index_holds_nothing_else(made: World) -> None:
    with CaptureQueriesContext(connection) as asked:
        list(owed_cases(made.actor("associate")).order_by("next_due_at", "id").values("pk")[:10])
    [sql] = [one["sql"] for one in asked if "next_due_at" in one["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "case_ended_due" in plan, plan


def test_somebody_who_works_in_one_place_and_follows_in_another_can_search(made: World) -> None:
    case = made.case("Deposit kept")
    made.users["lead"].memberships.create(role="associate", service=made.other_service)
    answer = made.client("lead").get("/search/?q=Deposit")
    assert (answer.status_code, case.ref in answer.text) == (200, True)
