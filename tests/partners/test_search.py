"""People, sites and partners in the search: pages in the order of names, and names that were mistyped."""

import pytest

from partners import search
from portal.accounts.choices import Role
from portal.ui.pagination import BadCursor
from portal.ui.registry import SearchAsk
from tests.factories.partners import EngagementFactory, PlacementFactory, SiteFactory, actor, days

pytestmark = pytest.mark.django_db


def test_people_come_in_pages(place_of_three: object) -> None:
    reader = actor(Role.ADMINISTRATOR)
    first = search.people_page(reader, SearchAsk("okafor", 2))
    second = search.people_page(reader, SearchAsk("okafor", 2, first.next_cursor))
    assert [hit.title for hit in first.hits] == ["Okafor Ada", "Okafor Bea"]
    assert ([hit.title for hit in second.hits], second.next_cursor) == (["Okafor Cyn"], None)
    with pytest.raises(BadCursor):
        search.people_page(reader, SearchAsk("okafor", 2, "nonsense"))


def test_a_mistyped_name_finds_those_like_it(place_of_three: object) -> None:
    found = search.people_page(actor(Role.ADMINISTRATOR), SearchAsk("okafr ada", 20))
    assert [hit.title for hit in found.hits] == ["Okafor Ada"]
    assert found.note == "Nobody is called “okafr ada”. These have names like it."
    assert search.people_page(actor(Role.ADMINISTRATOR), SearchAsk("xyzzy", 20)).note == ""


def test_names_out_of_sight_are_not_alike(place_of_three: object) -> None:
    elsewhere = actor(Role.PARTNER_LEAD, site=SiteFactory())
    assert search.people_page(elsewhere, SearchAsk("okafr", 20)).hits == []


@pytest.fixture
def place_of_three() -> object:
    """Three people at one site."""
    site = SiteFactory()
    for name in ("Okafor Cyn", "Okafor Ada", "Okafor Bea"):
        engaged = EngagementFactory(employer=site.partner, person__name=name, period=days("2024-01-01"))
        PlacementFactory(site=site, person=engaged.person)
    return site
