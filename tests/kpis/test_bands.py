"""Leads see where they stand among all sites, and nothing of any single one of them."""

from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.test import Client

from kpis.models import Contract, QueueDay
from kpis.rules.bands import Band, band_of, standing
from portal.accounts.choices import Role
from portal.accounts.models import User
from tests.factories.kpis import contract
from tests.factories.partners import PartnerFactory, QueueFactory, SiteFactory, user

pytestmark = pytest.mark.django_db
DAY = date(2026, 9, 9)
# No mean of several of these, and no sum, is one of them; each is told apart at a glance.
MARKERS = ("0.6113", "0.7327", "0.8451", "0.9079", "0.9683")
PAGES = ("/performance/?period=2026-09", "/performance/sites/{code}/?period=2026-09")


def calls(site: Any, share: str, offered: int = 10_000) -> None:
    """A day at a site with this service level."""
    in_time = int(D(share) * offered)
    QueueDay.objects.create(
        site=site, queue=QueueFactory(programme__site=site), day=DAY, excluded=False, offered=offered, answered=offered,
        answered_in_t=in_time, abandoned=0, short_abandoned=0, abandoned_in_t=0, wait=offered * 20, talk=offered, hold=0, wrap=0,
    )  # fmt: skip


def others(*markers: str) -> list[Any]:
    """Sites of other partners, one per figure."""
    made = [
        SiteFactory(name=f"Hidden{at}", code=f"HIDE{at}", partner=PartnerFactory(name=f"Rival{at}"))
        for at, _one in enumerate(markers)
    ]
    for site, share in zip(made, markers, strict=True):
        calls(site, share)
    return made


@pytest.fixture
def lead() -> User:
    """A lead of a site at 80 %, whose contract shows the band."""
    site = SiteFactory(code="OWN", name="Home")
    calls(site, "0.8000")
    contract([site], shows_band=True)
    return user(Role.PARTNER_LEAD, site=site)


def pages(who: User, code: str = "OWN", query: str = "") -> list[str]:
    """The network page and the site's, as this reader gets them."""
    browser = Client()
    browser.force_login(who)
    found = [browser.get(url.format(code=code) + query) for url in PAGES]
    assert [one.status_code for one in found] == [200, 200]
    return [one.content.decode() for one in found]


def test_a_lead_sees_the_middle_half_of_five_others_and_none_of_them(lead: User) -> None:
    hidden = others(*MARKERS)
    for text in pages(lead):
        part = text.split('aria-labelledby="band-h"')[1].split("</section>")[0]
        assert "Service level" in part
        assert "73.0% – 90.7%" in part
        assert "82.9%" in part
        assert "among the middle half" in part
        for marker in MARKERS:
            assert f"{D(marker) * 100:.1f}%" not in text
            assert marker not in text
        for site in hidden:
            assert site.label not in text
            assert site.code not in text
            assert site.partner.label not in text


@pytest.mark.parametrize(
    "query", ["&formula=now", "&formula=1", "&compare=year", "&sort=name", "&kpi=service-level", "&excluded=with"]
)
def test_no_view_of_it_tells_more(lead: User, query: str) -> None:
    others(*MARKERS)
    for text in pages(lead, query=query):
        assert "Where you stand" in text
        assert not [
            marker for marker in MARKERS if f"{D(marker) * 100:.1f}%" in text or f"{D(marker) * 100:.2f}" in text
        ]


def test_four_others_could_be_told_apart(lead: User) -> None:
    others(*MARKERS[:4])
    assert not [text for text in pages(lead) if "Where you stand" in text]


def test_a_site_with_hardly_any_contacts_is_no_fifth(lead: User) -> None:
    others(*MARKERS[:4])
    calls(SiteFactory(), "0.9", offered=29)
    assert not [text for text in pages(lead) if "Where you stand" in text]


def test_archived_sites_and_sites_in_sight_do_not_count(lead: User) -> None:
    hidden = others(*MARKERS)
    hidden[0].archived_at = "2026-01-01T00:00Z"
    hidden[0].save()
    assert not [text for text in pages(lead) if "Where you stand" in text]


def test_sites_that_are_all_alike_would_tell_what_each_of_them_is(lead: User) -> None:
    others(*["0.9079"] * 6)
    for text in pages(lead):
        assert "Where you stand" not in text
        assert "90.8%" not in text


def test_the_contract_of_ones_own_site_decides(lead: User) -> None:
    others(*MARKERS)
    Contract.objects.update(shows_band=False)
    assert not [text for text in pages(lead) if "Where you stand" in text]


@pytest.mark.parametrize("role", [Role.MANAGER, Role.COORDINATOR, Role.AUDITOR])
def test_it_is_for_the_partner_alone(lead: User, role: str) -> None:
    others(*MARKERS)
    scope = {} if role == Role.AUDITOR else {"site": lead.memberships.get().site}
    assert not [text for text in pages(user(role, **scope)) if "Where you stand" in text]
    quality = user(Role.PARTNER_QA, site=lead.memberships.get().site)
    assert all("Where you stand" in text for text in pages(quality))


@pytest.mark.parametrize("count", range(5, 60))
def test_every_end_is_a_mean_of_three_or_more(count: int) -> None:
    """With powers of a base as values, the digits of a mean tell which values went into it."""
    base = D(4)
    values = [base**at for at in range(count)]
    band = band_of(values)
    assert band is not None
    for share in (band.low, band.middle, band.high):
        assert any(_parts(share * size, count) == size for size in (3, 4))
    assert band.low < band.middle < band.high


def _parts(total: D, count: int) -> int:
    """How many of the values a total is the sum of, each at most once; 0 if of none."""
    left, parts = total, 0
    for at in reversed(range(count)):
        if left >= D(4) ** at:
            left -= D(4) ** at
            parts += 1
    return parts if left == 0 else 0


def test_where_a_figure_stands() -> None:
    band = Band(D(10), D(15), D(20))
    ways = [
        (D(25), "up"),
        (D(5), "up"),
        (D(15), "up"),
        (D(25), "down"),
        (D(5), "down"),
        (D(25), "band"),
        (D(5), "band"),
    ]
    expected = ["ahead", "behind", "among", "behind", "ahead", "above", "below"]
    assert [standing(value, band, way) for value, way in ways] == expected
    assert band_of([D(1)] * 4) is None


def test_days_of_many_periods_keep_the_rule(lead: User) -> None:
    """Each period with five others shows means of three, so that no difference of two periods is one site's."""
    hidden = others(*MARKERS)
    for site, share in zip(hidden, reversed(MARKERS), strict=True):
        day = QueueDay.objects.get(site=site)
        day.pk, day.day, day.answered_in_t = None, DAY + timedelta(days=7), int(D(share) * 10_000)
        day.save()
    browser = Client()
    browser.force_login(lead)
    for period in ("2026-09-09", "2026-09-16", "2026-W37", "2026-Q3"):
        text = browser.get(f"/performance/?period={period}").content.decode()
        assert not [marker for marker in MARKERS if f"{D(marker) * 100:.1f}%" in text]
