"""How an action moves, and who may move it."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.accounts.rules import Actor, Standing
from reviews.rules.actions import About, hoped_above, may, reminder_percent, step
from reviews.rules.standing import Place

SITE, OTHER, PARTNER = 1, 2, 7
PLACE = Place(SITE, PARTNER)
OWNER, DOER, MAKER, ME = 10, 11, 12, 13


def who(
    role: str, user: int = ME, *, site: int | None = SITE, partner: int | None = None, behind: int | None = None
) -> Actor:
    return Actor(user, standings=(Standing(role=role, site_id=site, partner_id=partner, principal_id=behind),))


def about(side: str = "partner", *, done: bool = True) -> About:
    return About(PLACE, side, OWNER, MAKER, frozenset({SITE}), frozenset({DOER}) if done else frozenset())


@pytest.mark.parametrize(
    ("state", "verb", "target"),
    [
        ("open", "take", "under_way"), ("under_way", "take", None), ("open", "done", "done"), ("under_way", "done", "done"),
        ("done", "verify", "verified"), ("open", "verify", None), ("verified", "verify", None), ("done", "send_back", "under_way"),
        ("open", "drop", "dropped"), ("done", "drop", None), ("verified", "drop", None), ("dropped", "take", None),
    ],
)  # fmt: skip
def test_states(state: str, verb: str, target: str | None) -> None:
    assert step(state, verb) == target


@pytest.mark.parametrize("verb", ["take", "done"])
def test_the_owner_and_their_side_do_it(verb: str) -> None:
    assert may(who("partner_agent", OWNER), about(), verb)
    assert may(who("partner_lead"), about(), verb)
    assert may(who("partner_qa"), about(), verb)
    assert not may(who("coordinator"), about(), verb)
    assert may(who("coordinator"), about("company"), verb)
    assert not may(who("partner_lead", site=OTHER), about(), verb)
    assert not may(who("auditor", site=None), about(), verb)


def test_who_stands_in_for_the_owner_does_it_in_their_name() -> None:
    allowed = may(who("partner_lead", behind=OWNER), about(), "done")
    assert allowed is not None
    assert (allowed.user_id, allowed.principal_id) == (ME, OWNER)


def test_the_company_verifies_what_the_partner_did_and_the_partner_what_the_company_did() -> None:
    assert may(who("coordinator"), about(), "verify")
    assert may(who("partner_manager", site=None, partner=PARTNER), about(), "verify")
    assert not may(who("partner_lead"), about(), "verify")
    assert may(who("partner_lead"), about("company"), "verify")
    assert may(who("coordinator"), about("company"), "verify")


@pytest.mark.parametrize("verb", ["verify", "send_back"])
@pytest.mark.parametrize("user", [OWNER, DOER])
def test_nobody_verifies_what_they_did_or_own(user: int, verb: str) -> None:
    assert not may(who("coordinator", user), about("company"), verb)
    assert not may(who("coordinator", behind=user), about("company"), verb)


def test_who_may_in_their_own_right_is_not_kept_from_it_by_standing_in() -> None:
    both = Actor(ME, standings=(
        Standing(role="coordinator", site_id=SITE, principal_id=OWNER), Standing(role="coordinator", site_id=SITE),
    ))  # fmt: skip
    allowed = may(both, about("company"), "verify")
    assert allowed is not None
    assert allowed.principal_id is None


def test_the_company_and_whoever_raised_it_change_and_drop_it() -> None:
    for verb in ("change", "drop"):
        assert may(who("coordinator"), about(), verb)
        assert may(who("partner_lead", MAKER), about(), verb)
        assert not may(who("partner_lead"), about(), verb)
        assert not may(Actor(MAKER), about(), verb)


def test_a_day_before_it_is_due() -> None:
    start = datetime(2026, 11, 2, 10, tzinfo=UTC)
    for days in (2, 5, 14, 60, 90):
        percent = reminder_percent(start, start + timedelta(days=days))
        assert percent is not None
        left = timedelta(days=days) * (100 - percent) / 100
        assert timedelta() < left <= timedelta(days=1)
    assert reminder_percent(start, start + timedelta(hours=20)) is None


def test_what_is_hoped_for() -> None:
    assert hoped_above(0.05, "down") is True
    assert hoped_above(-30, "up") is False
    assert hoped_above(None, "down") is False
    assert hoped_above(None, "band") is None
