"""What a hand-over has to say, who may offer and accept one, and what a question opens to whom."""

from dataclasses import replace

import pytest

from escalations.choices.handing import packed, unpacked
from escalations.rules import Allowed, Denied, Facts, Verdict, can_change_service, can_mark_steps
from escalations.rules.handing import (
    PARTS,
    can_accept,
    can_answer,
    can_answer_offer,
    can_ask,
    can_be_asked,
    can_offer,
    can_take_back,
    faults_of,
    opens,
)
from escalations.rules.shifts import can_hand_on
from portal.accounts.rules import Actor, Standing

HERE = Facts(service_id=1, site_id=5, partner_id=9, owner_id=10, state="in_progress")
OWNER = Actor(10, standings=(Standing("associate", service_id=1),))
COLLEAGUE = Actor(11, standings=(Standing("associate", service_id=1),))
LEAD = Actor(12, standings=(Standing("associate", service_id=1, is_lead=True),))
ELSEWHERE = Actor(13, standings=(Standing("associate", service_id=2),))
COORDINATOR = Actor(14, standings=(Standing("coordinator", site_id=5),))
AGENT = Actor(15, standings=(Standing("partner_agent", site_id=5),))
AUDITOR = Actor(16, standings=(Standing("auditor"),))
STAND_IN = Actor(17, standings=(Standing("associate", service_id=1, principal_id=10),))


def code(verdict: Verdict) -> str:
    return verdict.code if isinstance(verdict, Denied) else "ok"


def test_every_part_needs_a_word_or_a_tick_and_not_both() -> None:
    assert set(faults_of({}, ())) == set(PARTS)
    words = {"done": "Rebooked", "open": "  …  ", "promised": "下午回电", "risks": "a"}
    assert faults_of(words, ()) == {"open": "part_needed"}
    assert faults_of(words, ("open",)) == {}
    assert faults_of(words, ("open", "risks")) == {"risks": "words_or_nothing"}


def test_a_summary_comes_back_as_it_was_said() -> None:
    said = {"done": "One\n\nTwo", "open": "", "promised": "下午回电", "risks": "a\x1eb"}
    assert unpacked(packed(said)) == {**said, "risks": "a b"}
    assert unpacked("") == {}


def test_who_may_offer() -> None:
    assert [code(can_offer(one, HERE)) for one in (OWNER, STAND_IN, LEAD, COORDINATOR)] == ["ok"] * 4
    assert code(can_offer(COLLEAGUE, HERE)) == "not_yours_to_give"
    assert code(can_offer(COLLEAGUE, replace(HERE, owner_id=None))) == "ok"
    assert code(can_offer(ELSEWHERE, HERE)) == "not_visible"
    assert code(can_offer(AGENT, replace(HERE, raised_by_id=15))) == "not_your_role"
    for state in ("resolved", "closed", "merged", "rejected"):
        assert code(can_offer(OWNER, replace(HERE, state=state))) == "not_possible"


@pytest.mark.parametrize("state", ["new", "resolved", "closed", "merged", "rejected"])
def test_who_has_no_part_in_the_case_learns_nothing_of_its_state(state: str) -> None:
    case = replace(HERE, state=state, raised_by_id=15)
    for rule in (can_change_service, can_mark_steps, can_offer):
        assert code(rule(ELSEWHERE, case)) == "not_visible"
        assert code(rule(AGENT, case)) == "not_your_role"
    gone = replace(case, owner_id=ELSEWHERE.user_id)
    assert code(can_hand_on(ELSEWHERE, gone)) == "not_visible"


def test_a_person_accepts_what_they_can_own_and_nobody_for_them() -> None:
    assert can_accept(COLLEAGUE, HERE, 11, None) == Allowed(COLLEAGUE.standings[0])
    assert code(can_accept(LEAD, HERE, 11, None)) == "not_your_role"
    assert code(can_accept(Actor(18, standings=STAND_IN.standings), HERE, 18, None)) == "not_your_role"
    assert code(can_accept(COLLEAGUE, replace(HERE, state="resolved"), 11, None)) == "not_possible"
    assert code(can_answer_offer(COLLEAGUE, replace(HERE, state="resolved"), 11, None)) == "ok"


@pytest.mark.parametrize("sensitivity", ["standard", "confidential", "restricted"])
def test_any_member_of_a_service_accepts_what_they_see(sensitivity: str) -> None:
    case = replace(HERE, sensitivity=sensitivity)
    assert code(can_accept(ELSEWHERE, case, None, 2)) == "not_visible"
    offered = replace(case, let_in=sensitivity == "standard")
    assert code(can_accept(ELSEWHERE, offered, None, 2)) == ("ok" if sensitivity == "standard" else "not_visible")
    assert code(can_accept(ELSEWHERE, replace(case, granted=True), None, 2)) == (
        "ok" if sensitivity == "restricted" else "not_visible"
    )
    both = Actor(19, standings=(*COLLEAGUE.standings, *ELSEWHERE.standings))
    assert code(can_accept(both, case, None, 2)) == ("not_visible" if sensitivity == "restricted" else "ok")


def test_who_may_take_back() -> None:
    assert [code(can_take_back(one, HERE, 10)) for one in (OWNER, LEAD, COORDINATOR)] == ["ok"] * 3
    assert code(can_take_back(COLLEAGUE, HERE, 10)) == "not_your_role"
    assert code(can_take_back(ELSEWHERE, HERE, 13)) == "not_visible"


def test_who_may_ask() -> None:
    assert [code(can_ask(one, HERE)) for one in (OWNER, COLLEAGUE, COORDINATOR)] == ["ok"] * 3
    assert code(can_ask(AUDITOR, HERE)) == "not_your_role"
    assert code(can_ask(ELSEWHERE, replace(HERE, let_in=True))) == "only_to_read"
    assert code(can_ask(OWNER, replace(HERE, state="resolved"))) == "ok"
    assert code(can_ask(OWNER, replace(HERE, state="closed"))) == "not_possible"


def test_what_a_question_opens_depends_on_who_asks() -> None:
    confidential, restricted = replace(HERE, sensitivity="confidential"), replace(HERE, sensitivity="restricted")
    assert (opens(OWNER, HERE), opens(LEAD, HERE)) == ("standard", "standard")
    assert (opens(OWNER, confidential), opens(LEAD, confidential)) == ("", "confidential")
    assert (opens(OWNER, restricted), opens(LEAD, replace(restricted, granted=True))) == ("", "")
    deputy = Actor(20, standings=(replace(LEAD.standings[0], principal_id=12),))
    assert opens(deputy, confidential) == ""


def test_whom_a_question_may_go_to() -> None:
    confidential, restricted = replace(HERE, sensitivity="confidential"), replace(HERE, sensitivity="restricted")
    assert can_be_asked(ELSEWHERE, HERE, "standard")
    assert not can_be_asked(AGENT, replace(HERE, raised_by_id=15), "standard")
    assert not can_be_asked(AUDITOR, HERE, "standard")
    assert not can_be_asked(STAND_IN, HERE, "standard")
    assert can_be_asked(COLLEAGUE, confidential, "")
    assert not can_be_asked(COORDINATOR, confidential, "")
    assert can_be_asked(COORDINATOR, confidential, "confidential")
    assert not can_be_asked(COLLEAGUE, restricted, "")
    assert can_be_asked(COLLEAGUE, replace(restricted, granted=True), "")


def test_only_whoever_was_asked_answers() -> None:
    open_to_them = replace(HERE, let_in=True)
    assert code(can_answer(ELSEWHERE, open_to_them, 13)) == "ok"
    assert code(can_answer(OWNER, HERE, 13)) == "not_your_role"
    assert code(can_answer(ELSEWHERE, HERE, 13)) == "not_visible"
