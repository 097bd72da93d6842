"""What one row of a roster comes to, whatever the directory knows."""

from datetime import date
from typing import Any

import pytest

from partners.rules.rosters import (
    AmbiguousDayError,
    Asked,
    Job,
    Known,
    Proposal,
    Ref,
    Stay,
    parse_day,
    propose,
    same_name,
)

DAY = date(2026, 11, 1)
ASKED = Asked(site_id=1, employer_id=10, day=DAY, by_number=True)
AGENT, LOTUS, LIN = Ref(5, "Agent"), Ref(7, "Lotus"), Ref(99, "Lin Xia")
JOB = Job(id=3, employer_id=10, first=date(2024, 1, 1), number="BW-1")
STAY = Stay(id=4, site_id=1, first=date(2024, 1, 1), programme=Ref(6, "Hosts"), team=LOTUS, job_role=AGENT, lead=LIN)


def known(**values: Any) -> Known:
    return Known(
        **{"person_id": 2, "name": "Wang Fang", "email": "Wang.Fang@x.example", "job": JOB, "stay": STAY, **values}
    )


def said(**values: Any) -> dict[str, Any]:
    return {
        "key": "BW-1",
        "name": "Wang Fang",
        "email": "wang.fang@x.example",
        "job_role": AGENT,
        "team": LOTUS,
        "lead": LIN,
        **values,
    }


def error(found: Proposal) -> tuple[str, str] | None:
    return (found.fault.field, found.fault.code) if found.fault else None


def test_what_is_known_already_changes_nothing() -> None:
    assert propose(said(), known(), ASKED) == Proposal("unchanged")
    assert (
        propose(said(name="", email="", preferred_name="", first_day=date(2020, 1, 1)), known(), ASKED).kind
        == "unchanged"
    )
    assert propose({"key": "bw-1"}, known(), ASKED).kind == "unchanged"


@pytest.mark.parametrize(
    ("row", "changes"),
    [
        ({"name": "Wang Fangfang"}, {"name": ["Wang Fang", "Wang Fangfang"]}),
        ({"email": "wf@x.example"}, {"email": ["Wang.Fang@x.example", "wf@x.example"]}),
        ({"team": Ref(8, "Bamboo")}, {"team": ["Lotus", "Bamboo"]}),
        ({"team": Ref(None, "Lotus")}, {"team": ["Lotus", "Lotus"]}),
        ({"team": None}, {"team": ["Lotus", None]}),
        ({"programme": LOTUS}, {"programme": ["Hosts", "Lotus"]}),
        ({"lead": None}, {"lead": ["Lin Xia", None]}),
        ({"lead": Ref(-4, "Chen Wei")}, {"lead": ["Lin Xia", "Chen Wei"]}),
        (
            {"job_role": Ref(9, "QA"), "programme": Ref(1, "Guests")},
            {"programme": ["Hosts", "Guests"], "job_role": ["Agent", "QA"]},
        ),
        ({"key": "BW-2"}, {"employee_number": ["BW-1", "BW-2"]}),
    ],
)
def test_a_mover_is_told_with_what_changed(row: dict[str, Any], changes: dict[str, Any]) -> None:
    assert propose(said(**row), known(), ASKED) == Proposal("mover", changes)


def test_ids_of_other_systems_are_linked_once() -> None:
    asked = Asked(1, 10, DAY)
    assert propose(said(), known(), asked).changes == {"external_id": [None, "BW-1"]}
    assert propose(said(), known(linked=("BW-1",)), asked).kind == "unchanged"


def test_joiners_need_a_name_and_a_role_and_days_in_order() -> None:
    assert propose(said(), None, ASKED) == Proposal("joiner")
    assert error(propose(said(name=""), None, ASKED)) == ("name", "missing")
    assert error(propose(said(job_role=None), None, ASKED)) == ("job_role", "missing")
    assert error(propose(said(last_day=date(2026, 10, 1)), None, ASKED)) == ("last_day", "left_unknown")
    later = said(first_day=date(2026, 12, 1), last_day=date(2026, 11, 20))
    assert error(propose(later, None, ASKED)) == ("last_day", "ends_before_start")


def test_somebody_nobody_employs_any_more_is_a_rehire() -> None:
    gone = known(job=None, stay=None)
    assert propose(said(), gone, ASKED).kind == "rehire"
    assert propose(said(email="new@x.example"), gone, ASKED).changes == {
        "email": ["Wang.Fang@x.example", "new@x.example"]
    }
    assert propose(said(last_day=date(2026, 1, 1)), gone, ASKED).kind == "unchanged"
    assert error(propose(said(job_role=None), gone, ASKED)) == ("job_role", "missing")


def test_a_last_day_is_a_leaver_and_told_once() -> None:
    leaving = said(last_day=date(2026, 11, 30), team=Ref(8, "Bamboo"))
    assert propose(leaving, known(), ASKED) == Proposal("leaver", {"last_day": [None, "2026-11-30"]})
    ending = known(job=Job(3, 10, date(2024, 1, 1), date(2026, 12, 1), "BW-1"))
    assert propose(said(last_day=date(2026, 11, 30)), ending, ASKED).kind == "unchanged"
    assert propose(said(), ending, ASKED).kind == "unchanged"
    assert error(propose(said(last_day=date(2023, 1, 1)), known(), ASKED)) == ("last_day", "ends_before_start")


def test_whoever_works_elsewhere_is_left_alone() -> None:
    there = Stay(id=4, site_id=2, first=date(2024, 1, 1))
    assert error(propose(said(), known(stay=there), ASKED)) == ("key", "at_another_site")
    assert error(propose(said(), known(job=Job(3, 11, DAY)), ASKED)) == ("key", "employed_elsewhere")
    assert propose(said(), known(stay=there, on_loan_here=True), ASKED).kind == "unchanged"


def test_somebody_employed_without_a_place_gets_one() -> None:
    found = propose(said(), known(stay=None), ASKED)
    assert found.kind == "mover"
    assert found.changes == {
        "placed": [None, None],
        "team": [None, "Lotus"],
        "job_role": [None, "Agent"],
        "lead": [None, "Lin Xia"],
    }


def test_a_move_before_a_planned_one_is_refused() -> None:
    planned = known(later=date(2026, 12, 1))
    assert propose(said(), planned, ASKED).kind == "unchanged"
    assert error(propose(said(team=Ref(8, "Bamboo")), planned, ASKED)) == ("team", "moves_later")


def test_only_what_is_to_come_may_begin_on_another_day() -> None:
    soon = known(
        job=Job(3, 10, date(2026, 11, 24), number="BW-1"),
        stay=Stay(4, 1, date(2026, 11, 24), None, None, LOTUS, AGENT, LIN),
    )
    assert propose(said(first_day=date(2026, 11, 24)), soon, ASKED).kind == "unchanged"
    assert propose(said(first_day=date(2026, 11, 30)), soon, ASKED).changes == {
        "first_day": ["2026-11-24", "2026-11-30"]
    }


FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%Y年%m月%d日")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-24", date(2026, 11, 24)),
        ("24/11/2026", date(2026, 11, 24)),
        ("11/24/2026", date(2026, 11, 24)),
        ("05/05/2026", date(2026, 5, 5)),
        ("2026年11月24日", date(2026, 11, 24)),
    ],
)
def test_days_in_several_formats(text: str, day: date) -> None:
    assert parse_day(text, FORMATS) == day


def test_days_that_could_be_two_are_not_guessed() -> None:
    with pytest.raises(AmbiguousDayError) as caught:
        parse_day("03/04/2026", FORMATS)
    assert caught.value.days == [date(2026, 3, 4), date(2026, 4, 3)]
    for text in ("soon", "0001-01-01", "9999-12-31", "2026-02-30"):
        with pytest.raises(ValueError, match=text):
            parse_day(text, FORMATS)


def test_names_are_compared_without_width_case_and_spacing() -> None:
    assert same_name("  ＷＡＮＧ\u3000fang ") == same_name("Wang Fang")


def test_a_new_programme_leaves_the_team_of_the_old_one() -> None:
    row = {"key": "BW-1", "programme": Ref(1, "Guests")}
    assert propose(row, known(), ASKED).changes == {"programme": ["Hosts", "Guests"], "team": ["Lotus", None]}
