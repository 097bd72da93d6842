"""What changed from one version of a brief to the next. Rules alone, no database."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from escalations.rules.briefs.building import Clock, Draft, Exposure, build
from escalations.rules.briefs.differences import differences
from escalations.rules.briefs.levels import ORDER, reduced
from tests.escalations.brief_content import NOW, PLACES, deed, draft, fact


def told(before: Draft, after: Draft, level: str = "full") -> list[tuple[str, str, str]]:
    found = differences(reduced(build(before), level), reduced(build(after), level))
    return [(one.section, one.key, one.what) for one in found]


def test_section_by_section_what_came_went_and_changed() -> None:
    before = draft()
    after = replace(
        before,
        matter=replace(before.matter, severity=2),
        clocks=[Clock("resolution", "running", NOW + timedelta(hours=9)), Clock("next_reply", "met", NOW)],
        facts=[fact("booking", "zqother", entry=31), *before.facts[1:3], fact("", "free", thread="#9", entry=32)],
        deeds=[*before.deeds, deed("state.changed", 41, before="new", to="closed")],
        situation="zqrewritten",
        exposure=Exposure(people=3),
        by=None,
    )
    assert told(before, after) == [
        ("case", "severity", "changed"),
        ("clocks", "resolution", "changed"),
        ("clocks", "next_reply", "added"),
        ("situation", "words", "changed"),
        ("known", "booking", "changed"),
        ("known", "#9", "added"),
        ("known", "tried", "gone"),
        ("did", "41", "added"),
        ("exposure", "people", "changed"),
        ("exposure", "money", "gone"),
        ("exposure", "band", "gone"),
        ("exposure", "currency", "gone"),
        ("exposure", "legal", "gone"),
        ("exposure", "legal_words", "gone"),
        ("exposure", "reach", "gone"),
        ("exposure", "reach_words", "gone"),
        ("next", "by", "gone"),
    ]


def test_a_promise_differs_once_it_is_over_and_not_by_being_over_for_longer() -> None:
    kept, late, later = (draft(clocks=[Clock("resolution", "running", NOW, over)]) for over in (0, 60, 7200))
    assert told(kept, late) == [("clocks", "resolution", "changed")]
    assert told(late, later) == []


def test_a_fact_recorded_anew_with_the_same_words_did_not_change_and_another_source_did() -> None:
    before = draft(facts=[fact("booking", "HX-7", entry=1)])
    assert told(before, draft(facts=[fact("booking", "HX-7", entry=2, days=0)])) == []
    assert told(before, draft(facts=[fact("booking", "HX-7", "checked", entry=2)])) == [("known", "booking", "changed")]


def test_a_level_that_has_no_words_of_a_fact_tells_that_it_is_a_later_one() -> None:
    before, after = draft(facts=[fact("booking", "a")]), draft(facts=[fact("booking", "b", days=0)])
    assert told(before, after, "outside") == [("known", "booking", "changed")]
    assert told(before, before, "outside") == []


def test_an_amount_that_stays_within_its_band_did_not_change_outside() -> None:
    before, after = (draft(exposure=Exposure(Decimal(one), "EUR")) for one in (2000, 3000))
    assert told(before, after) == [("exposure", "money", "changed")]
    assert told(before, after, "outside") == []


def test_words_that_were_removed_from_both_are_the_same_if_they_were_the_same() -> None:
    gone = {"words": "", "entry": 5, "removed": True}

    def version(held: dict[str, Any]) -> dict[str, Any]:
        return {"known": [{"thread": "booking", "source": "customer", "at": "x", "words": held}]}

    assert differences(version(gone), version(gone)) == []
    assert [one.what for one in differences(version(gone), version({**gone, "entry": 6}))] == ["changed"]


texts = st.sampled_from(["", "a", "b", "退款"])
drafts = st.builds(
    draft,
    situation=texts,
    neutral=texts,
    next_step=texts,
    facts=st.lists(
        st.builds(fact, st.sampled_from(["booking", "safety", "wish"]), texts.filter(bool), st.sampled_from(["customer", "checked"])),
        unique_by=lambda one: one.thread,
    ),
    deeds=st.lists(st.builds(deed, st.just("state.changed"), st.integers(1, 5)), unique_by=lambda one: one.entry),
    exposure=st.builds(Exposure, st.none() | st.decimals(0, 99999, places=2), st.just("EUR"), st.none() | st.integers(0, 9)),
)  # fmt: skip


@given(drafts, drafts, st.sampled_from(ORDER))
def test_nothing_differs_from_itself_and_the_way_back_is_the_way_turned(one: Draft, other: Draft, level: str) -> None:
    first, second = (reduced(build(each), level) for each in (one, other))
    assert differences(first, first) == []
    turned = {"added": "gone", "gone": "added", "changed": "changed"}
    there, back = differences(first, second), differences(second, first)
    assert {(d.section, d.key, turned[d.what]) for d in there} == {(d.section, d.key, d.what) for d in back}
    assert (there == []) is (back == [])


@given(drafts, drafts)
def test_a_difference_tells_nothing_that_its_level_may_not_contain(one: Draft, other: Draft) -> None:
    for level in ("internal", "outside"):
        found = repr(differences(reduced(build(one), level), reduced(build(other), level)))
        assert not [word for word, levels in PLACES.items() if level not in levels and word in found]
