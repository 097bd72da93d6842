"""Notes of two writers."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from reviews.rules.merging import Merged, merged

LINES = st.lists(st.sampled_from(["", "a", "b", "c", "Queue is long"]), max_size=6).map("\n".join)


def both(base: str, theirs: str, mine: str) -> Merged:
    return merged(base, theirs, mine, their_name="Wei", my_name="Ana")


def test_lines_at_different_places_are_both_kept() -> None:
    assert both("one\ntwo\nthree", "ONE\ntwo\nthree", "one\ntwo\nTHREE") == Merged("ONE\ntwo\nTHREE")


def test_the_same_place_keeps_both_under_their_names() -> None:
    found = both("one\ntwo", "one\ntwo of Wei", "one\ntwo of Ana")
    assert found == Merged("one\n[Wei]\ntwo of Wei\n[Ana]\ntwo of Ana", conflict=True)


def test_both_begin_an_empty_note() -> None:
    assert both("", "Wei was here", "Ana was here") == Merged("Wei was here\nAna was here")


def test_both_add_at_the_end() -> None:
    assert both("one", "one\nby Wei", "one\nby Ana") == Merged("one\nby Wei\nby Ana")


def test_one_who_changed_nothing_loses_nothing_of_the_other() -> None:
    assert both("one", "one and more", "one") == Merged("one and more")
    assert both("one", "one", "one and more") == Merged("one and more")


def test_sent_twice_is_written_once() -> None:
    first = both("a\nx\nb", "a\nx\nb of Wei\nc", "a of Ana\nx\nb")
    assert first.text == "a of Ana\nx\nb of Wei\nc"
    assert both("a\nx\nb", first.text, "a of Ana\nx\nb").text == first.text


def test_lines_one_below_the_other_are_different_places() -> None:
    assert both("one\ntwo", "ONE\ntwo", "one\nTWO") == Merged("ONE\nTWO")
    assert both("one\ntwo", "ONE\ntwo", "one\nand a half\ntwo") == Merged("ONE\nand a half\ntwo")


def test_both_write_over_a_blank_line() -> None:
    assert both("one\n", "one\nby Wei", "one\nby Ana") == Merged("one\nby Wei\nby Ana")


def test_what_one_deleted_and_the_other_changed_stays() -> None:
    assert both("one\ntwo\nthree", "one\nthree", "one\nTWO\nthree") == Merged("one\nTWO\nthree")
    assert both("one\ntwo\nthree", "one\nTWO\nthree", "one\nthree") == Merged("one\nTWO\nthree")


def test_the_same_change_stands_once() -> None:
    assert both("one", "one\nend", "one\nend") == Merged("one\nend")
    assert both("a\none\nb", "A\nthe same\nb", "a\nthe same\nB").text.count("the same") == 1


def test_both_keep_a_long_text_of_equal_lines() -> None:
    base = "\n".join(["-"] * 3000)
    found = both(base, f"Wei\n{base}", f"{base}\nAna")
    assert found == Merged(f"Wei\n{base}\nAna")


def added(text: str, base: str) -> Counter[str]:
    return Counter(text.split("\n")) - Counter(base.split("\n"))


@given(LINES, LINES, LINES)
def test_no_line_that_anybody_wrote_is_lost(base: str, theirs: str, mine: str) -> None:
    found = Counter(both(base, theirs, mine).text.split("\n"))
    for text in (theirs, mine):
        assert all(found[line] >= count for line, count in added(text, base).items() if line)


@given(LINES, LINES)
def test_who_changed_nothing_takes_what_the_other_wrote(base: str, other: str) -> None:
    assert both(base, base, other) == both(base, other, base) == both(base, other, other) == Merged(other)


@given(LINES, LINES, LINES)
def test_merging_again_changes_nothing(base: str, theirs: str, mine: str) -> None:
    once = both(base, theirs, mine).text
    assert both(base, once, once) == Merged(once)
    assert both(base, theirs, mine).text == once
    assert both(once, once, mine).text == mine
