"""The pages of figures in a real browser, with half a year of four sites."""

from datetime import date, timedelta

import pytest

from kpis.models import Annotation
from partners.models import Queue, Team
from portal.accounts.choices import Role
from portal.accounts.models import User
from tests.browser.conftest import PageAs
from tests.browser.helpers import DESKTOP, PHONE, axe, fits, shot
from tests.databases import Database
from tests.factories.kpis import annotation, contract, site_facts
from tests.factories.partners import PartnerFactory, SiteFactory, user

pytestmark = pytest.mark.browser
LAST = date(2026, 11, 15)
FIRST = LAST - timedelta(days=195)
SITES = (
    ("CTU", "Chengdu", "成都", "Bluewave", 0.90),
    ("KRK", "Kraków", "克拉科夫", "Veltora", 0.86),
    ("PEN", "Penang", "槟城", "Kestrelline", 0.70),
    ("BOG", "Bogotá", "波哥大", "Sumara", 0.80),
)


@pytest.fixture
def manager(fresh_database: Database) -> User:
    """An administrator over four sites under contract."""
    made = user(Role.ADMINISTRATOR)
    for code, name, name_zh, partner, level in SITES:
        site = SiteFactory(code=code, name=name, name_zh=name_zh, partner=PartnerFactory(name=partner))
        named = ("Booking support", "Payments")
        site_facts(site, FIRST, LAST, level=level, agents=4, named=named)
        contract([site], name=f"Schedule {code}")
        annotation(made, LAST - timedelta(days=60), site=site, text_zh="台风停工")
    assert Annotation.objects.count() == len(SITES)
    return made


def test_pages_look_right_in_both_themes_and_on_a_phone(manager: User, page_as: PageAs) -> None:
    queue, team = Queue.objects.order_by("pk")[0], Team.objects.order_by("pk")[0]
    pages = {
        "network": "/performance/?period=2026-11",
        "site": "/performance/sites/CTU/?period=2026-11",
        "why": "/performance/sites/PEN/why/service-level/?period=2026-11&by=queue",
        "spread": "/performance/sites/CTU/spread/service-level/?period=2026-11",
        "network_spread": "/performance/spread/service-level/?period=2026-11",
        "queue": f"/performance/queues/{queue.pk}/?period=2026-11",
        "team": f"/performance/teams/{team.pk}/?period=2026-11",
        "note": "/performance/notes/new/?site=CTU",
        "scorecards": "/performance/sites/",
    }
    for name, url in pages.items():
        page = page_as(manager, url, viewport=DESKTOP)
        shot(page, f"performance_{name}")
        fits(page)
        axe(page)
        page.context.close()
        page = page_as(manager, url, viewport=PHONE, color_scheme="dark")
        shot(page, f"performance_{name}_phone_dark")
        fits(page)
        page.context.close()
    manager.language = "zh-hans"
    manager.save()
    for name in ("network", "site", "why"):
        page = page_as(manager, pages[name], viewport=DESKTOP)
        shot(page, f"performance_{name}_zh")
        page.context.close()
