"""What goes into a brief, what of it each level may contain, and how it is frozen. Rules alone, no database."""

import json
from decimal import Decimal
from itertools import count, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalations.rules.briefs.bounds import named_in, plain, shortened, width
from escalations.rules.briefs.building import band, build
from escalations.rules.briefs.freezing import canonical, digest, digest_of, frozen, holds, thawed
from escalations.rules.briefs.levels import DEEDS, ORDER, PARAMS, PARTS, levels_for, narrower, reduced
from tests.escalations.brief_content import PLACES, deed, draft


@pytest.mark.parametrize("level", ORDER)
def test_a_level_holds_the_words_of_its_places_and_no_other(level: str) -> None:
    held = json.dumps(reduced(build(draft()), level), ensure_ascii=False)
    assert {word for word in PLACES if word in held} == {word for word, levels in PLACES.items() if level in levels}
    assert "zqnote" not in held, "a note is in no brief"


def test_each_level_is_part_of_the_fuller_one_and_of_itself() -> None:
    for fuller, less in pairwise(ORDER):
        for section, parts in PARTS[less].items():
            assert parts <= PARTS[fuller][section]
        assert DEEDS[less] <= DEEDS[fuller]
        assert PARAMS[less] <= PARAMS[fuller]
    content = build(draft())
    for level in ORDER:
        once = reduced(content, level)
        for further in narrower(level):
            assert reduced(once, further) == reduced(content, further)


def test_a_version_that_told_of_messages_of_the_customer_tells_of_them_still() -> None:
    content = build(draft(deeds=[deed("mail.in", 31), deed("contact.logged", 32, direction="in", channel="phone")]))
    for level in ORDER:
        assert [row["entry"] for row in content["did"]] == [31, 32]
        assert [row["code"] for row in reduced(content, level)["did"]] == ["mail.in", "contact.logged"]


def test_a_part_that_the_table_does_not_name_is_in_no_copy() -> None:
    content = build(draft())
    content["case"]["diary"] = content["exposure"]["guess"] = content["secret"] = "zqnew"
    content["known"][0]["raw"] = content["did"][0]["ip"] = "zqnew"
    for level in ORDER:
        assert "zqnew" not in json.dumps(reduced(content, level))


def test_outside_amounts_are_bands_and_persons_are_nowhere() -> None:
    outside = reduced(build(draft()), "outside")
    assert outside["exposure"] == {"band": [1000, 10000], "currency": "EUR", "people": 2, "legal": "claim", "reach": "press"}  # fmt: skip
    assert [row["code"] for row in outside["did"]] == ["contact.logged", "state.changed"]
    assert "who" not in outside["next"]
    assert {key for row in outside["known"] for key in row} == {"thread", "key", "at"}
    assert "who" not in reduced(build(draft()), "internal")["next"]


@given(st.decimals(min_value=0, max_value=Decimal("999999999999"), places=2))
def test_an_amount_lies_in_its_band(amount: Decimal) -> None:
    low, high = band(amount) or (0, 0)
    assert low <= amount < high
    assert (low, high) == (0, 1000) or high == low * 10


def test_who_may_be_given_what() -> None:
    assert levels_for(in_portal=True, inside=True) == ("full", "internal", "outside")
    assert levels_for(in_portal=True, inside=False) == ("outside",)
    assert levels_for(in_portal=False, inside=False) == ("internal", "outside")


@given(st.text(), st.integers(2, 60))
def test_no_text_is_wider_than_its_room_or_has_a_second_line(text: str, limit: int) -> None:
    cut = shortened(text, limit)
    assert width(cut) <= limit
    assert cut == plain(cut)
    assert len(cut.splitlines()) <= 1


def test_chinese_is_as_wide_as_two_letters_and_is_cut_between_characters() -> None:
    assert width("退款 ok") == 7
    assert shortened("退款没有到账", 7) == "退款没…"
    assert shortened("a\n\n b\u202e\u200bc", 20) == "a bc"


def test_names_references_and_addresses_are_found_as_words() -> None:
    marks = ["Ana Ruiz", "赵敏", "C-77", "Al"]
    assert named_in("We told ana  ruiz (c-77).", marks) == ["Ana Ruiz", "C-77"]
    assert named_in("已经联系赵敏女士", marks) == ["赵敏"]
    assert named_in("Also alone, C-778, Ruiz", marks) == []
    assert named_in("mail a.b@x.test or +44 20 7946 0958", ()) == ["a.b@x.test", "+44 20 7946 0958"]
    assert named_in("4,812.50 EUR by 20 November 2026", marks) == []


def test_frozen_content_has_no_words_and_gives_them_back() -> None:
    content, salts = build(draft()), count()
    kept, words = frozen(content, lambda: f"salt{next(salts)}")
    held = canonical(kept).decode()
    assert not any(word.text in held for word in words)
    assert {one["sha256"] for one in holds(kept)} == {digest_of(word.text, word.salt) for word in words}
    back = thawed(kept, {word.key: word.text for word in words})
    assert back["situation"]["words"] == {"words": "zqsituation", "entry": None, "removed": False}
    assert back["known"][0]["words"]["entry"] == 11
    without = thawed(kept, {word.key: None if word.entry == 11 else word.text for word in words})
    assert without["known"][0]["words"] == {"words": "", "entry": 11, "removed": True}
    assert reduced(back, "outside")["situation"]["neutral"]["words"] == "zqneutral"
    assert digest(kept) == digest(json.loads(canonical(kept)))


def test_the_same_words_twice_have_other_hashes() -> None:
    salts = count()
    kept, _words = frozen(build(draft(situation="same", neutral="same")), lambda: str(next(salts)))
    assert kept["situation"]["words"]["sha256"] != kept["situation"]["neutral"]["sha256"]
