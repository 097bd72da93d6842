"""Who runs reviews of a place, speaks for which side, and publishes."""

import pytest

from portal.accounts.rules import SYSTEM, Actor, Standing
from reviews.rules.standing import Place, configuring, publishing, running, side_of

HERE, THERE, WHOLE, NETWORK = Place(1, 10), Place(2, 20), Place(None, 10), Place()


def actor(role: str, **scope: int) -> Actor:
    return Actor(7, 70, (Standing(role, **scope),))


@pytest.mark.parametrize("role", ["coordinator", "partner_manager"])
@pytest.mark.parametrize("scope", [{"site_id": 1}, {"partner_id": 10}])
def test_the_company_runs_reviews_where_it_works(role: str, scope: dict[str, int]) -> None:
    one = actor(role, **scope)
    assert running(one, HERE)
    assert side_of(one, HERE) == ("company", one)
    assert running(one, THERE) is None
    assert side_of(one, THERE) is None


def test_a_whole_partner_is_for_whoever_has_the_partner() -> None:
    assert running(actor("coordinator", partner_id=10), WHOLE)
    assert running(actor("coordinator", site_id=1), WHOLE) is None
    assert running(actor("coordinator", partner_id=20), WHOLE) is None


def test_managers_publish_and_coordinators_do_not() -> None:
    assert publishing(actor("partner_manager", site_id=1), HERE)
    assert publishing(actor("coordinator", site_id=1), HERE) is None
    assert publishing(actor("partner_lead", site_id=1), HERE) is None
    assert publishing(actor("partner_manager", site_id=1), WHOLE) is None


def test_leads_speak_for_the_partner_at_their_site() -> None:
    lead = actor("partner_lead", site_id=1)
    assert side_of(lead, HERE) == ("partner", lead)
    assert side_of(lead, THERE) is None
    assert side_of(lead, WHOLE, [1, 3]) == ("partner", lead)
    assert side_of(lead, WHOLE, [3]) is None
    assert side_of(lead, NETWORK, [1]) is None
    assert (running(lead, HERE), publishing(lead, HERE)) == (None, None)


@pytest.mark.parametrize(
    "role", ["partner_qa", "partner_agent", "auditor", "administrator", "associate", "it_fulfilment"]
)
def test_nobody_else_speaks(role: str) -> None:
    one = actor(role, site_id=1)
    assert (side_of(one, HERE), side_of(one, NETWORK), running(one, HERE), publishing(one, HERE)) == (None,) * 4
    assert (configuring(one, HERE) is not None) == (role == "administrator")


def test_the_network_is_the_companys() -> None:
    coordinator, manager = actor("coordinator", site_id=1), actor("partner_manager", partner_id=10)
    assert side_of(coordinator, NETWORK) == ("company", coordinator)
    assert (publishing(coordinator, NETWORK), publishing(manager, NETWORK)) == (None, manager)


def test_a_stand_in_acts_for_whom_they_stand_in() -> None:
    one = Actor(7, 70, (Standing("partner_lead", site_id=1, principal_id=8),))
    found = side_of(one, HERE)
    assert found is not None
    assert (found[0], found[1].user_id, found[1].principal_id) == ("partner", 7, 8)


def test_the_system_may_all() -> None:
    assert all((running(SYSTEM, HERE), publishing(SYSTEM, NETWORK), configuring(SYSTEM, WHOLE)))
