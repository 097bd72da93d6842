"""How many queries the pages of figures take: no more for more sites, KPIs, parts or weeks than for few."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from partners.models import Person, Site, Team
from portal.accounts.choices import Role
from tests.factories.kpis import STANDARD, contract, site_facts
from tests.factories.partners import PartnerFactory, SiteFactory, signed_in

FIRST, LAST = date(2026, 10, 26), date(2026, 11, 8)
NOVEMBER = "?period=2026-11"
THREE = STANDARD[:3]
# Components that are not built in, and a stock, beside those that are.
NINE = (
    *STANDARD, ("asa", 5, "down", "60", "30", "20"), ("aht", 5, "down", "600", "500", "400"),
    ("backlog", 5, "down", "90", "50", "20"), ("occupancy", 5, "up", "0.5", "0.7", "0.9"),
)  # fmt: skip
# What a page takes with a contract whose components are built in; those of its own take one query to name and one to read.
MOST = {"matrix": 14, "site": 18, "agent": 16, "team": 17, "why": 14}

pytestmark = pytest.mark.django_db


@pytest.fixture
def partner() -> Any:
    """A partner for all sites of a test."""
    return PartnerFactory(name="Bluewave", code="BLUE")


def sites_of(partner: Any, number: int, **facts: Any) -> list[Site]:
    """So many sites with two weeks of figures each."""
    made = [SiteFactory(partner=partner) for _at in range(number)]
    for site in made:
        site_facts(site, FIRST, LAST, **facts)
    return made


def urls(site: Site) -> dict[str, str]:
    """The pages of a site and what lies around it."""
    team = Team.objects.filter(programme__site=site)[0]
    person = Person.objects.filter(placements__team=team)[0]
    return {
        "matrix": "/performance/", "site": f"/performance/sites/{site.code}/", "team": f"/performance/teams/{team.pk}/",
        "agent": f"/performance/people/{person.pk}/", "why": "/performance/why/service-level/",
        "partner": f"/performance/partners/{site.partner.code}/",
    }  # fmt: skip


def counted(client: Client, site: Site) -> dict[str, int]:
    """Queries of each page, the second time it is asked for."""
    found = {}
    for name, url in urls(site).items():
        assert client.get(url + NOVEMBER).status_code == 200, url
        with CaptureQueriesContext(connection) as queries:
            client.get(url + NOVEMBER)
        found[name] = len(queries)
    return found


def test_queries_do_not_grow_with_sites(partner: Any) -> None:
    few = sites_of(partner, 2, agents=1)
    contract(few)
    reader = signed_in(Role.MANAGER, partner=partner)
    before = counted(reader, few[0])
    contract(sites_of(partner, 8, agents=1, queues=1))
    assert counted(reader, few[0]) == before
    assert {name: before[name] for name in MOST if before[name] > MOST[name]} == {}


def test_queries_do_not_grow_with_kpis(partner: Any) -> None:
    three, nine = sites_of(partner, 2, agents=1)
    contract([three], THREE)
    contract([nine], NINE)
    reader = signed_in(Role.MANAGER, partner=partner)
    less, more = counted(reader, three), counted(reader, nine)
    assert {name: more[name] - less[name] for name in ("site", "agent", "team")} == {"site": 2, "agent": 2, "team": 1}
    assert less["matrix"] == more["matrix"] <= MOST["matrix"] + 2


def test_queries_do_not_grow_with_parts(partner: Any) -> None:
    small, large = sites_of(partner, 1, agents=1)[0], sites_of(partner, 1, agents=6, queues=5)[0]
    contract([small, large])
    reader = signed_in(Role.MANAGER, partner=partner)
    assert counted(reader, small) == counted(reader, large)


def test_without_a_contract_the_network_asks_in_two_rounds(partner: Any) -> None:
    few = sites_of(partner, 1, agents=1)
    reader = signed_in(Role.MANAGER, partner=partner)
    before = counted(reader, few[0])
    sites_of(partner, 4, agents=1)
    assert counted(reader, few[0]) == before
    assert before["matrix"] <= 15
