"""Notes of two writers."""

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


@given(LINES, LINES, LINES)
def test_what_anybody_added_is_in_the_text(base: str, theirs: str, mine: str) -> None:
    found = both(base, theirs, mine).text.split("\n")
    for text in (theirs, mine):
        assert not set(text.split("\n")) - set(base.split("\n")) - set(found)
