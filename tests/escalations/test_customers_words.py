"""What a customer said stands under their name, and small beside it who wrote it down."""

import re
from html import unescape

import pytest

from escalations import actions
from escalations.models import Case
from tests.escalations.case_page import page
from tests.escalations.pages_world import World, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> World:
    return world()


def said(here: World, case: Case, text: str, direction: str = "in") -> int:
    entry = actions.log_contact(
        actor=here.actor("associate"), ref=case.pk, channel="phone", direction=direction,
        outcome="received" if direction == "in" else "reached", text=text,
    )  # fmt: skip
    return entry.pk


def head(here: World, who: str, case: Case, entry: int) -> str:
    """The head of a message as it is read."""
    html = page(here, who, case)
    found = re.search(rf'<li id="e{entry}">.*?</header>', html, re.DOTALL)
    assert found
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0])).split())


def test_a_logged_contact_is_the_customers_by_the_name_of_the_card_and_small_whose_note(here: World) -> None:
    case = here.case()
    theirs, ours = said(here, case, "This is the third time"), said(here, case, "We are on it", "out")
    assert head(here, "associate", case, theirs).startswith("C Customer From the customer · Phone")
    actions.keep_card(actor=here.actor("associate"), ref=case.pk, values={"preferred_name": "Yun"}, source="customer")
    assert head(here, "associate", case, theirs).startswith("Y Yun From the customer · Phone")
    assert "logged by Associate" in head(here, "associate", case, theirs)
    assert head(here, "associate", case, ours).startswith("A Associate To the customer · Phone")
    assert "logged by" not in head(here, "associate", case, ours)
    partner = page(here, "lead", case)
    assert "Yun" not in partner
    assert "third time" not in partner


def test_the_words_of_a_merged_case_do_not_get_the_name_of_another_customer(here: World) -> None:
    gone, case = here.case("One"), here.case("Two")
    other = said(here, gone, "Mine")
    own = said(here, case, "And mine")
    actions.merge(actor=here.actor("associate"), source=gone.ref, target=case.ref, reason="Same flat")
    actions.keep_card(actor=here.actor("associate"), ref=case.pk, values={"preferred_name": "Yun"}, source="customer")
    assert head(here, "associate", case, own).startswith("Y Yun")
    assert head(here, "associate", case, other).startswith("C Customer")


def test_messages_to_split_off_are_named_by_whose_words_they_are(here: World) -> None:
    case = here.case()
    entry = said(here, case, "This is the third time")
    form = here.client("associate").get(f"/cases/{case.ref}/entries/{entry}/split/").text
    assert "From the customer · This is the third time" in unescape(form)
