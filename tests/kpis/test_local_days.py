"""Today, and which weeks are over, is what the clock of the site says, whoever reads and wherever."""

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client

from kpis.access.subjects import get_network, get_site
from kpis.rules.periods import containing
from kpis.views.asked import Asked
from partners.models import Site
from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from tests.factories.kpis import contract, site_facts
from tests.factories.partners import PartnerFactory, SiteFactory, user

pytestmark = pytest.mark.django_db
# Sunday noon in UTC: Monday 01:00 in Auckland, Sunday 02:00 in Honolulu.
NOON = "2026-11-08T12:00Z"
FIRST, SUNDAY, MONDAY = date(2026, 10, 12), date(2026, 11, 8), date(2026, 11, 9)


@pytest.fixture
def sites() -> tuple[Site, Site]:
    """One a day ahead of the other, each with figures up to the day that it is there."""
    partner = PartnerFactory()
    east = SiteFactory(code="EAST", name="Auckland", time_zone="Pacific/Auckland", partner=partner)
    west = SiteFactory(code="WEST", name="Honolulu", time_zone="Pacific/Honolulu", partner=partner)
    site_facts(east, FIRST, MONDAY, queues=1, agents=1)
    site_facts(west, FIRST, SUNDAY, queues=1, agents=1)
    contract([east, west])
    return east, west


def reader_in(zone: str) -> User:
    """Somebody who sees all, wherever they are."""
    reader = user(Role.AUDITOR)
    reader.time_zone = zone
    reader.save()
    return reader


@pytest.mark.usefixtures("sites")
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "Pacific/Honolulu"])
def test_a_page_knows_the_day_at_its_site(zone: str) -> None:
    with time_machine.travel(NOON, tick=False):
        browser = Client()
        browser.force_login(reader_in(zone))
        said = {
            name: browser.get(f"/performance/{path}?period=2026-11").content.decode()
            for name, path in (("east", "sites/EAST/"), ("west", "sites/WEST/"), ("both", ""))
        }
    assert "day 9 of 30" in said["east"]
    assert "day 8 of 30" in said["west"]
    assert "day 8 of 30" in said["both"]


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "Pacific/Honolulu"])
def test_the_last_week_is_one_that_is_over_at_the_site(sites: tuple[Site, Site], zone: str) -> None:
    with time_machine.travel(NOON, tick=False):
        actor = actor_for(reader_in(zone))
        east, west = (get_site(actor, site.code) for site in sites)
        both, asked = get_network(actor), Asked(containing("month", SUNDAY))
        last = {
            name: asked.weeks(one.newest, one.today)[-1].last
            for name, one in (("east", east), ("west", west), ("both", both))
        }
    assert last == {"east": SUNDAY, "west": SUNDAY - timedelta(days=7), "both": SUNDAY - timedelta(days=7)}
