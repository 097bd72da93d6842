"""Scores of visits, what may be answered, and two who answer the same question."""

from decimal import Decimal as D

import pytest

from reviews.rules.visits import Asked, Given, fault_of, merged, percent_of, section_scores


def asked(score: int | None, *, most: int = 1, weight: str = "1", section: str = "floor", kind: str = "score", na: bool = False) -> Asked:  # fmt: skip
    return Asked(section, kind, most, D(weight), Given(score, not_applicable=na))


@pytest.mark.parametrize(
    ("questions", "percent"),
    [
        ([asked(1), asked(0)], "50.0"),
        ([asked(1, weight="3"), asked(0)], "75.0"),
        # 2 x 3 of 2 x 5, and 1 of 1: 7 of 11.
        ([asked(3, most=5, weight="2"), asked(1)], "63.6"),
        ([asked(1), asked(None, na=True)], "100.0"),
        ([asked(1), asked(None)], "100.0"),
        ([asked(5, most=5, weight="0"), asked(0)], "0.0"),
    ],
)
def test_a_section_scores_what_it_got_of_what_it_could(questions: list[Asked], percent: str) -> None:
    assert percent_of(questions) == D(percent)


@pytest.mark.parametrize(
    "questions", [[], [asked(None, na=True)], [asked(None)], [asked(4, most=5, weight="0")], [asked(1, kind="text")]]
)
def test_where_nothing_counts_there_is_no_score(questions: list[Asked]) -> None:
    assert percent_of(questions) is None


def test_sections_stand_beside_those_of_the_last_visit() -> None:
    questions = [asked(1), asked(1, section="new"), asked(None, section="left", na=True), asked(0)]
    floor, new, left = section_scores(questions, {"floor": D("80.0"), "left": D(10), "gone": D(5)})
    assert (floor.section, floor.percent, floor.before, floor.change) == ("floor", D("50.0"), D("80.0"), D("-30.0"))
    assert (new.percent, new.before, new.change) == (D("100.0"), None, None)
    assert (left.percent, left.answered, left.asked, left.change) == (None, 1, 1, None)


@pytest.mark.parametrize(
    ("kind", "given", "fault"),
    [
        ("yes_no", Given(3), None),
        ("yes_no", Given(1), "answer_out_of_range"),
        ("score", Given(2), None),
        ("score", Given(4), "answer_out_of_range"),
        ("score", Given(-1), "answer_out_of_range"),
        ("score", Given(text="x"), "answer_is_score"),
        ("text", Given(text="x"), None),
        ("text", Given(1), "answer_is_text"),
        ("score", Given(1, not_applicable=True), "answer_and_not_applicable"),
        ("text", Given(text="x", not_applicable=True), None),
        ("text", Given(text="a\0b"), "answer_has_nul"),
        ("score", Given(note="n" * 4001), "answer_too_long"),
    ],
)
def test_what_may_be_answered(kind: str, given: Given, fault: str | None) -> None:
    assert fault_of(kind, 3, given) == fault


def test_an_answer_and_a_note_of_two_people_come_together() -> None:
    base = Given(1, note="Bright")
    assert merged(base, Given(0, note="Bright"), Given(1, note="Loud")) == Given(0, note="Loud")
    assert merged(base, Given(0, note="Bright"), base) == Given(0, note="Bright")
    assert merged(base, base, Given(0, note="Loud")) == Given(0, note="Loud")
    assert merged(base, Given(0, note="Loud"), Given(0, note="Loud")) == Given(0, note="Loud")


def test_two_different_answers_or_notes_do_not() -> None:
    assert merged(Given(), Given(1), Given(0)) is None
    assert merged(Given(), Given(not_applicable=True), Given(0)) is None
    assert merged(Given(1), Given(1, note="a"), Given(1, note="b")) is None
