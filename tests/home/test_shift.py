"""My day in a shift: what was done in it so far, and what the one before handed on."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from escalations import actions
from escalations.models import Case, ShiftLine
from escalations.queries import my_shift
from portal.accounts.rules import SYSTEM
from portal.audit.queries import touched_by
from portal.ui.ahead import ahead_for
from sla.models import Clock
from tests.escalations.pages_world import HTMX, World
from tests.factories.handing import ConsultFactory
from tests.home.shift_world import (
    BOGOTA,
    NOW,
    SHANGHAI,
    at,
    crowd,
    due,
    hand,
    handles,
    lives,
    piece,
    shift_world,
    signed_in,
    told,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> World:
    return shift_world()


def test_what_was_handled_resolved_and_met_today(made: World) -> None:
    called, solved, again, noted, early = (due(made, f"Case {n}", at(20), owner="associate") for n in range(5))
    handles(made, "associate", early, at(-1))
    handles(made, "associate", called, at(8))
    handles(made, "associate", called, at(8.5))
    handles(made, "associate", solved, at(9), verb="resolve")
    handles(made, "associate", again, at(9), verb="resolve")
    handles(made, "associate", again, at(9.5), verb="reopen")
    handles(made, "service_lead", noted, at(9), verb="wait_customer")
    with time_machine.travel(at(9), tick=False):
        for case in (noted, early):  # a note is not handling, today's on yesterday's call neither
            actions.add_note(actor=made.actor("associate"), ref=case.pk, text="Look later.", shared=False)
    # Besides two that were met: one due today that is not, one that was due yesterday, one of a case of nobody's.
    Clock.objects.filter(subject_id=noted.pk, metric="resolution").update(
        state="running", paused_at=None, due_at=at(9.5), breached_at=at(9.5)
    )
    Clock.objects.filter(subject_id=early.pk, metric="resolution").update(due_at=at(-2), breached_at=at(-2))
    stranger = due(made, "Of nobody", at(9.5))
    Clock.objects.filter(subject_id=stranger.pk, metric="resolution").update(breached_at=at(9.5))
    text = piece(signed_in(made, "associate"), "shift")
    assert told(text)[:2] == ["3 cases · 1 resolved", "2 of 3"], "what was met before its case was reopened stays met"
    assert '<a href="/queue/?tab=mine">4 open</a>' in text
    assert ">1 waiting</a>" in text
    lead = piece(signed_in(made, "service_lead"), "shift")
    assert told(lead)[:2] == ["1 case · 0 resolved", "0 of 1"]


def test_the_numbers_lead_to_lists_that_hold_as_many(made: World) -> None:
    for state in ("in_progress", "waiting_customer", "waiting_third_party"):
        case = due(made, f"A case {state}", at(20), owner="coordinator")
        Case.objects.filter(pk=case.pk).update(state=state)
    client = signed_in(made, "coordinator")
    text = piece(client, "shift")
    assert "3 open" in text
    assert "2 waiting" in text
    with time_machine.travel(NOW, tick=False):
        for url, number in zip(re.findall(r'href="(/queue/[^"]+)"', text), (3, 2), strict=True):
            assert len(set(re.findall(r"A case [a-z_]+", client.get(url.replace("&amp;", "&")).text))) == number, url


def test_each_number_opens_a_list_of_exactly_these(made: World) -> None:
    called, solved, shut, late = (due(made, f"A case {n}", at(20), owner="associate") for n in "abcd")
    handles(made, "associate", called, at(8))
    handles(made, "associate", solved, at(9), verb="resolve")
    handles(made, "associate", shut, at(7), verb="resolve")
    handles(made, "associate", called, at(9.5))
    handles(made, "service_lead", due(made, "A case of a colleague", at(20)), at(9), verb="resolve")
    Clock.objects.filter(subject_id=late.pk, metric="resolution").update(due_at=at(6), breached_at=at(6))
    client = signed_in(made, "associate")
    text = piece(client, "shift")
    assert told(text)[:2] == ["3 cases · 2 resolved", "2 of 3"]
    lists = [listed(client, url) for url in re.findall(r'href="(/shift/today/[^"]*)"', text)]
    assert lists == [
        ["A case a", "A case b", "A case c"],  # what they did last on top
        ["A case b", "A case c"],
        ["A case b", "A case c", "A case d"],
    ]
    with time_machine.travel(NOW, tick=False):
        page = client.get("/shift/today/?show=clocks").text
    assert page.count('data-tone="green"') == 2
    assert page.count('data-tone="red"') == 1


def listed(client: Client, url: str) -> list[str]:
    """The cases of a list, page after page."""
    with time_machine.travel(NOW, tick=False):
        response = client.get(url)
    assert response.status_code == 200, url
    found = re.findall(r'class="rowlink clip"[^>]*>([^<]+)', response.text)
    following = re.search(r'rel="next"[^>]* href="([^"]+)"', response.text)
    rest = listed(client, "/shift/today/" + following[1].replace("&amp;", "&")) if following else []
    return found + rest


def test_a_long_list_has_pages(made: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(my_shift, "PAGE_SIZE", 2)
    for number in range(5):
        handles(made, "associate", due(made, f"Case {number}", at(20)), at(8 + number / 10), verb="resolve")
    client = signed_in(made, "associate")
    for part in ("handled", "resolved", "clocks"):
        assert listed(client, f"/shift/today/?show={part}") == [f"Case {n}" for n in (4, 3, 2, 1, 0)], part
    with time_machine.travel(NOW, tick=False):
        assert client.get("/shift/today/?cursor=x").status_code == 400
        assert client.get("/shift/today/?show=nonsense").status_code == 404


def test_an_empty_list_says_what_collects_there(made: World) -> None:
    client = signed_in(made, "coordinator")
    for part, words in (
        ("handled", "No case handled yet"),
        ("resolved", "Nothing resolved"),
        ("clocks", "No clock has"),
    ):
        with time_machine.travel(NOW, tick=False):
            page = client.get(f"/shift/today/?show={part}").text
        assert words in page
        assert '<a href="/">My day</a>' in page


def test_today_begins_where_the_reader_is(made: World) -> None:
    lives(made, "associate", SHANGHAI)
    lives(made, "service_lead", BOGOTA)
    # 16:30 in UTC: Friday in Shanghai since half an hour, Thursday noon in Bogota.
    first, second = due(made, "First", at(40)), due(made, "Second", at(40))
    for who in ("associate", "service_lead"):
        handles(made, who, first, at(15.9))
        handles(made, who, second, at(16.1))
    assert told(piece(signed_in(made, "associate"), "shift", at(16.5)))[0] == "1 case · 0 resolved"
    assert told(piece(signed_in(made, "service_lead"), "shift", at(16.5)))[0] == "2 cases · 0 resolved"


def test_what_was_yesterday_and_is_written_down_today_is_not_of_today(made: World) -> None:
    case = due(made, "A call of yesterday", at(20), owner="coordinator")
    said = {"channel": "phone", "direction": "out", "outcome": "reached", "text": "Spoke to them."}
    with time_machine.travel(at(9), tick=False):
        actions.log_contact(actor=made.actor("coordinator"), ref=case.pk, at=at(-8), **said)
    assert told(piece(signed_in(made, "coordinator"), "shift"))[0] == "0 cases · 0 resolved"


def test_a_case_that_became_confidential_is_in_no_number(made: World) -> None:
    case = due(made, "Quiet matter", at(20), owner="coordinator")
    handles(made, "coordinator", case, at(9), verb="wait_customer")
    client = signed_in(made, "coordinator")
    assert told(piece(client, "shift"))[0] == "1 case · 0 resolved"
    Case.objects.filter(pk=case.pk).update(sensitivity="confidential")
    text = piece(client, "shift")
    assert told(text)[0] == "0 cases · 0 resolved"
    assert "none has ended yet" in text
    assert "0 open" in text
    for part in ("handled", "resolved", "clocks"):
        assert listed(client, f"/shift/today/?show={part}") == [], part


def test_the_trail_is_read_no_further_back_than_is_counted(made: World) -> None:
    lead = made.actor("service_lead")
    cases = [due(made, f"Case {n}", at(20)) for n in range(3)]
    for case in cases:
        handles(made, "service_lead", case, at(9))
    assert touched_by(lead.user_id, "case", at(0), 2) == ({cases[1].pk, cases[2].pk}, False)
    assert touched_by(lead.user_id, "case", at(0), 10) == ({case.pk for case in cases}, True)
    assert touched_by(lead.user_id, "case", at(9.5), 2) == (set(), True)
    assert touched_by(lead.user_id, "person", at(0), 10) == (set(), True)


def test_the_newest_hand_over_with_its_first_lines(made: World) -> None:
    cases = [due(made, f"Case {n}", at(20), owner="service_lead") for n in range(5)]
    hand(made, at(1), (cases[0], "An older one."))
    words = ["Lock supplier is down.", "", "Call at six.", "Wait for the bank.", "Nobody reads this here."]
    pk = hand(made, at(6), *zip(cases, words, strict=True))
    text = piece(signed_in(made, "associate"), "shift_before")
    assert f'<a href="/shift/{pk}/">5 cases handed to you</a>' in text
    assert "Service Lead · " in text
    assert "06:00" in text
    assert re.findall(r'<span class="soft"[^>]*>([^<]+)', text) == [words[0], words[2], words[3]]
    assert "An older one." not in text
    assert piece(signed_in(made, "service_lead"), "shift_before") == "", "who gave it"
    assert piece(signed_in(made, "other_associate"), "shift_before") == ""


def test_a_hand_over_stands_until_the_second_midnight_of_its_taker(made: World) -> None:
    lives(made, "associate", SHANGHAI)
    hand(made, at(6), (due(made, "Case", at(20), owner="service_lead"), "Look in."))  # Thursday there
    with time_machine.travel(at(39), tick=False):
        client = made.client("associate")
    assert "Look in." in piece(client, "shift_before", at(40) - timedelta(seconds=1))  # Friday, a second to midnight
    assert piece(client, "shift_before", at(40)) == ""


def test_of_a_case_out_of_sight_neither_line_nor_number(made: World) -> None:
    open_one, quiet = (due(made, name, at(20), owner="service_lead") for name in ("Open", "Quiet"))
    pk = hand(made, at(6), (quiet, "Secret words."), (open_one, "Look in."))
    client = signed_in(made, "associate")
    with time_machine.travel(at(7), tick=False):
        actions.set_sensitivity(actor=SYSTEM, ref=quiet.pk, sensitivity="restricted")
    text = piece(client, "shift_before")
    assert f'<a href="/shift/{pk}/">1 case handed to you</a>' in text
    assert "Secret words." not in text
    Case.objects.filter(pk=open_one.pk).update(sensitivity="restricted")
    assert piece(client, "shift_before") == ""


def test_words_that_were_removed_are_not_there(made: World) -> None:
    case = due(made, "Case", at(20), owner="service_lead")
    pk = hand(made, at(6), (case, "A name that must go."))
    entry = ShiftLine.objects.get(handover=pk).entry
    assert entry is not None
    with time_machine.travel(at(7), tick=False):
        actions.redact_entry(actor=made.actor("service_lead"), ref=case.pk, entry_id=entry.pk)
    text = piece(signed_in(made, "associate"), "shift_before")
    assert "must go" not in text
    assert "1 case handed to you" in text


def test_more_of_everything_costs_no_more(made: World) -> None:
    def more(number: int) -> None:
        mine = due(made, f"Mine {number}", at(15), owner="associate")
        handles(made, "associate", mine, at(8))
        handed = due(made, f"Handed {number}", at(16), owner="service_lead")
        hand(made, at(6), (handed, "Look in."))
        asked = due(made, f"Asked {number}", at(50))
        ConsultFactory(case=asked, to_user=made.users["associate"], asked_at=at(9), due_at=at(16))

    crowd(made)
    more(0)
    client, counts = signed_in(made, "associate"), []
    for _round in range(2):
        with time_machine.travel(NOW, tick=False):
            counts.append([asked_by(client, url) for url in PIECES])
        for number in range(1, 4):
            more(number)
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 16, counts


PIECES = (
    *(f"/day/{key}/" for key in ("later_today", "shift", "shift_before")),
    *(f"/shift/today/?show={part}" for part in ("handled", "resolved", "clocks")),
)


def asked_by(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        response = client.get(url, headers=HTMX if url.startswith("/day/") else {})
    assert response.status_code == 200
    return len(caught.captured_queries)


def test_indexes_find_it(made: World) -> None:
    """What begins at a table of many rows names what an index begins with."""
    due(made, "Mine", at(15), owner="associate")
    actor = made.actor("associate")
    with CaptureQueriesContext(connection) as caught:
        ahead_for(actor, NOW, at(24), 8)
        touched_by(actor.user_id, "case", at(0), 10)
    wanted = {r'"owner_id" = \d': "case_open_owner_due", 'ORDER BY "audit_auditentry"': "audit_actor"}
    plans = {name: plan(sql) for part, name in wanted.items() for sql in statements(caught, part)[:1]}
    assert set(plans) == set(wanted.values())
    for name, text in plans.items():
        assert name in text, text


def statements(caught: CaptureQueriesContext, part: str) -> list[str]:
    return [one["sql"] for one in caught.captured_queries if re.search(part, one["sql"]) and " LIMIT " in one["sql"]]


def plan(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(line for (line,) in cursor.fetchall())
