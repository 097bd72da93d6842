"""Which playbook a case follows, which steps are asked for, what blocks resolving."""

from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalations.rules.playbooks import (
    Flaw,
    Mark,
    Match,
    Matter,
    Said,
    Step,
    asked_steps,
    blocking_steps,
    choose,
    fault_of,
    flaws_of,
    is_settled,
    open_steps,
)

SERVICE, TYPE, PARENT, TOP = 1, 30, 20, 10
MATTER = Matter(SERVICE, (TYPE, PARENT, TOP), 2)


def test_the_nearest_issue_type_comes_before_service_and_severity() -> None:
    offered = [
        Match(1),
        Match(2, severity=2),
        Match(3, service_id=SERVICE),
        Match(4, service_id=SERVICE, severity=2),
        Match(5, issue_type_id=TOP),
        Match(6, issue_type_id=PARENT),
        Match(7, issue_type_id=TYPE),
        Match(8, issue_type_id=TYPE, severity=2),
        Match(9, service_id=SERVICE, issue_type_id=TYPE),
        Match(10, service_id=SERVICE, issue_type_id=TYPE, severity=2),
    ]
    for best in range(10, 0, -1):
        assert choose(offered[:best], MATTER) == best


@pytest.mark.parametrize("other", [Match(1, service_id=2), Match(1, issue_type_id=99), Match(1, severity=1)])
def test_what_is_for_another_matter_is_not_chosen(other: Match) -> None:
    assert choose([other], MATTER) is None
    assert choose([other, Match(2)], MATTER) == 2


def test_without_an_issue_type_only_playbooks_for_all_of_them_fit() -> None:
    assert choose([Match(1, issue_type_id=TOP), Match(2)], Matter(SERVICE, (), 3)) == 2


# As the database holds them: one live playbook for each place.
ALL = [
    Match(n, *place) for n, place in enumerate(product((None, 1, 2), (None, TYPE, PARENT, TOP, 99), (None, 1, 2)), 1)
]


@given(st.lists(st.sampled_from(ALL), unique=True), st.randoms(use_true_random=False))
def test_the_choice_does_not_hang_on_the_order(offered: list[Match], shuffler: Random) -> None:
    again = list(offered)
    shuffler.shuffle(again)
    chosen = choose(offered, MATTER)
    assert chosen == choose(again, MATTER)
    if chosen is None:
        assert not any(choose([one], MATTER) for one in offered)
    else:
        assert choose([one for one in offered if one.playbook_id == chosen], MATTER) == chosen


ASK = Step("safe", answers=("yes", "no"))
ROOM = Step("room", only_if=("safe", "no"), evidence="text")
KEYS = Step("keys", only_if=("safe", "yes"), required=False)
LOCK = Step("lock", evidence="file", required=False)
STEPS = (ASK, ROOM, KEYS, LOCK)


def test_an_answer_asks_for_its_branch_alone() -> None:
    assert [one.key for one in asked_steps(STEPS, {})] == ["safe", "lock"]
    assert [one.key for one in asked_steps(STEPS, {"safe": Mark("done", "no")})] == ["safe", "room", "lock"]
    assert [one.key for one in asked_steps(STEPS, {"safe": Mark("done", "yes")})] == ["safe", "keys", "lock"]
    assert [one.key for one in asked_steps(STEPS, {"safe": Mark("undone", "yes")})] == ["safe", "lock"]


def test_only_required_open_steps_block() -> None:
    assert blocking_steps(STEPS, {}) == (ASK,)
    assert blocking_steps(STEPS, {"safe": Mark("done", "no")}) == (ROOM,)
    assert blocking_steps(STEPS, {"safe": Mark("done", "no"), "room": Mark("done")}) == ()
    assert open_steps(STEPS, {"safe": Mark("done", "yes"), "keys": Mark("skipped")}) == (LOCK,)
    assert blocking_steps((), {}) == ()


DONE_SAFE = {"safe": Mark("done", "no")}


@pytest.mark.parametrize(
    ("marks", "key", "said", "fault"),
    [
        ({}, "safe", Said("done", "yes"), ""),
        ({}, "safe", Said("done"), "answer_needed"),
        ({}, "safe", Said("done", "perhaps"), "answer_needed"),
        ({}, "safe", Said("skipped", text=True), "step_required"),
        ({}, "safe", Said("undone"), "step_is_open"),
        ({}, "safe", Said("eaten"), "unknown_value"),
        ({}, "room", Said("done", text=True), "step_not_asked"),
        ({}, "nothing", Said("done"), "step_not_asked"),
        (DONE_SAFE, "safe", Said("done", "no"), "step_is_settled"),
        (DONE_SAFE, "safe", Said("undone"), ""),
        (DONE_SAFE, "room", Said("done"), "words_needed"),
        (DONE_SAFE, "room", Said("done", text=True), ""),
        (DONE_SAFE, "room", Said("done", "yes", text=True), "answer_needed"),
        ({}, "lock", Said("done", text=True), "file_needed"),
        ({}, "lock", Said("done", file=True), ""),
        ({}, "lock", Said("skipped"), "reason_needed"),
        ({}, "lock", Said("skipped", text=True), ""),
    ],
)
def test_what_may_be_said_of_a_step(marks: dict[str, Mark], key: str, said: Said, fault: str) -> None:
    assert fault_of(STEPS, marks, key, said) == fault


@st.composite
def playbooks(draw: st.DrawFn) -> tuple[Step, ...]:
    """Any that can be published."""
    made: list[Step] = []
    for number in range(draw(st.integers(1, 7))):
        asking = [one for one in made if one.answers]
        before = draw(st.sampled_from([None, *asking])) if asking else None
        made.append(
            Step(
                f"s{number}",
                required=draw(st.booleans()),
                evidence=draw(st.sampled_from(["none", "text", "file"])),
                answers=draw(st.sampled_from([(), ("a", "b"), ("a", "b", "c")])),
                only_if=(before.key, draw(st.sampled_from(before.answers))) if before else None,
            )
        )
    return tuple(made)


ACTS = st.lists(
    st.tuples(
        st.integers(0, 7),
        st.sampled_from(["done", "undone", "skipped"]),
        st.sampled_from(["", "a", "b", "c"]),
        st.booleans(),
        st.booleans(),
    ),
    max_size=40,
)


@given(playbooks(), ACTS)
def test_however_it_is_worked_the_same_holds(
    steps: tuple[Step, ...], acts: list[tuple[int, str, str, bool, bool]]
) -> None:
    assert flaws_of(steps) == ()
    marks: dict[str, Mark] = {}
    for number, what, answer, text, file in acts:
        if fault_of(steps, marks, f"s{number}", Said(what, answer, text, file)) == "":
            marks[f"s{number}"] = Mark(what, answer)
        asked = asked_steps(steps, marks)
        # In their order, each once; a branch only under the answer that asks for it.
        assert list(asked) == [one for one in steps if one in asked]
        for one in asked:
            assert one.only_if is None or marks[one.only_if[0]] == Mark("done", one.only_if[1])
        assert set(blocking_steps(steps, marks)) <= set(open_steps(steps, marks)) <= set(asked)
        assert not any(one.required and marks.get(one.key, Mark("undone")).what == "skipped" for one in steps)


@given(playbooks())
def test_doing_what_is_open_comes_to_an_end_and_then_nothing_blocks(steps: tuple[Step, ...]) -> None:
    marks: dict[str, Mark] = {}
    for _ in steps:
        for one in open_steps(steps, marks)[:1]:
            said = Said("done", one.answers[0] if one.answers else "", text=True, file=True)
            assert fault_of(steps, marks, one.key, said) == ""
            marks[one.key] = Mark(said.what, said.answer)
    assert open_steps(steps, marks) == ()
    assert all(is_settled(one, marks) for one in asked_steps(steps, marks))


@given(playbooks(), st.integers(0, 6))
def test_a_tick_that_is_taken_back_and_given_again_changes_nothing(steps: tuple[Step, ...], number: int) -> None:
    step = steps[number % len(steps)]
    marks = {one.key: Mark("done", one.answers[0] if one.answers else "") for one in steps}
    back = {**marks, step.key: Mark("undone", marks[step.key].answer)}
    if step in asked_steps(steps, marks):
        assert step in open_steps(steps, back)
    assert asked_steps(steps, {**back, step.key: marks[step.key]}) == asked_steps(steps, marks)


def test_what_keeps_a_draft_from_being_published() -> None:
    assert flaws_of(()) == (Flaw("playbook_empty"),)
    assert flaws_of((ROOM, ASK)) == (Flaw("branch_broken", "room"),)
    assert flaws_of((ASK, Step("x", only_if=("safe", "maybe")))) == (Flaw("branch_broken", "x"),)
    assert flaws_of((Step("x", answers=("only",)),)) == (Flaw("answers_too_few", "x"),)
    assert flaws_of(STEPS) == ()
