"""A figure that its own formula may still change says so wherever it is shown; a month with one is not frozen before its window has closed."""

import html
import json
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from kpis.actions import results
from kpis.models import AlertEvent, Kpi, Result
from kpis.queries import figures, kpis_in_use
from kpis.rules.formulas import Reading
from kpis.views.signal_tables import tables
from portal.accounts.choices import Role
from portal.refusals import RefusedError
from tests.factories.kpis import contract, site_facts
from tests.factories.partners import PartnerFactory, SiteFactory, signed_in
from tests.kpis.contract_world import MONTH, World
from tests.kpis.filling import figure, scope_of

# September's window closes with 7 October, of the site's clock.
OPEN, CLOSED = datetime(2026, 10, 7, 15, tzinfo=UTC), datetime(2026, 10, 7, 16, 5, tzinfo=UTC)
FCR = ("fcr", 20, "up", "0.60", "0.80", "0.90")
pytestmark = pytest.mark.django_db


def test_it_is_provisional_until_the_last_contact_s_window_is_over() -> None:
    one = Reading(value=Decimal("0.8"), closes=date(2026, 10, 7))
    assert [one.is_provisional(date(2026, 10, day)) for day in (1, 7, 8)] == [True, True, False]
    assert not Reading(closes=date(2026, 10, 7)).is_provisional(date(2026, 10, 1))
    assert not Reading(value=Decimal("0.8")).is_provisional(date(2026, 10, 1))


def contacts(site: Any, first: date, last: date) -> None:
    for step in range((last - first).days + 1):
        day = first + timedelta(days=step)
        figure("first_contacts", site, day, 10)
        figure("repeats", site, day, 2)


def test_each_period_closes_so_many_days_after_its_own_end() -> None:
    site = SiteFactory()
    contacts(site, date(2026, 9, 21), date(2026, 10, 4))
    kpis = [one for one in kpis_in_use() if one.code in {"fcr", "backlog"}]
    read = figures(scope_of(site), kpis, date(2026, 9, 21), date(2026, 10, 2), ("week",))
    assert {key[0]: row["fcr"].closes for key, row in read.items()} == {
        date(2026, 9, 21): date(2026, 10, 4), date(2026, 9, 28): date(2026, 10, 9),
    }  # fmt: skip
    whole = figures(scope_of(site), kpis, date(2026, 9, 21), date(2026, 10, 4), ("site",))[site.pk,]
    assert (whole["fcr"].value, whole["fcr"].closes) == (Decimal("0.8"), date(2026, 10, 11))


def began(**given: Any) -> World:
    """A site with its people since the month began."""
    with time_machine.travel(datetime(2026, 9, 1, tzinfo=UTC), tick=False):
        return World(**given)


@pytest.fixture
def world() -> World:
    """A site in Shanghai under a contract that names FCR, with a September."""
    made = began(site=SiteFactory(code="CTU", name="Chengdu", time_zone="Asia/Shanghai"))
    made.line("fcr", 20, "up", "0.60", "0.80")
    made.usual()
    contacts(made.site, MONTH, date(2026, 9, 30))
    return made


def test_a_month_is_frozen_from_the_day_after(world: World) -> None:
    with time_machine.travel(OPEN, tick=False):
        with pytest.raises(RefusedError) as refused:
            results.freeze(actor=world.by_manager, site=world.site, month=MONTH)
        assert (refused.value.code, refused.value.params["day"]) == ("provisional", date(2026, 10, 8))
        assert not Result.objects.exists()
        page = text(signed_in(Role.MANAGER, partner=world.site.partner), f"/performance/results/CTU/{MONTH:%Y-%m}/")
        assert "Still provisional: First-contact resolution. The month can be frozen from 8 Oct 2026 on." in page
        assert "Freeze the month" not in page
        assert "80.0% provisional" in plain(page)
    with time_machine.travel(CLOSED, tick=False):
        page = text(signed_in(Role.MANAGER, partner=world.site.partner), f"/performance/results/CTU/{MONTH:%Y-%m}/")
        assert "Freeze the month" in page
        assert "provisional" not in page.lower()
        results.freeze(actor=world.by_manager, site=world.site, month=MONTH)


def test_without_such_a_figure_a_month_is_frozen_as_soon_as_it_is_over() -> None:
    world = began(site=SiteFactory(time_zone="Asia/Shanghai"))
    world.usual()
    with time_machine.travel(datetime(2026, 10, 1, 1, tzinfo=UTC), tick=False):
        assert results.freeze(actor=world.by_manager, site=world.site, month=MONTH).revision == 1


def test_the_reopen_rate_waits_for_cases_to_be_reopened() -> None:
    world = began(site=SiteFactory(time_zone="Asia/Shanghai"))
    world.line("reopen-rate", 20, "down", "0.2", "0.1")
    world.usual()
    figure("solved", world.site, date(2026, 9, 30), 100)
    figure("reopened", world.site, date(2026, 9, 30), 5)
    with time_machine.travel(datetime(2026, 10, 14, 15, tzinfo=UTC), tick=False):
        with pytest.raises(RefusedError) as refused:
            results.freeze(actor=world.by_manager, site=world.site, month=MONTH)
        assert (refused.value.code, refused.value.params["day"]) == ("provisional", date(2026, 10, 15))
    with time_machine.travel(datetime(2026, 10, 14, 17, tzinfo=UTC), tick=False):
        results.freeze(actor=world.by_manager, site=world.site, month=MONTH)


def text(client: Client, url: str, **more: Any) -> str:
    response = client.get(url, **more)
    assert response.status_code == 200, url
    return html.unescape(response.content.decode())


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_pages_and_files_say_so_until_then() -> None:
    site = SiteFactory(code="CTU", name="Chengdu", time_zone="Asia/Shanghai", partner=PartnerFactory(code="BLUE"))
    site_facts(site, MONTH, date(2026, 9, 30), agents=1, queues=1)
    contacts(site, date(2026, 8, 1), date(2026, 9, 30))
    contract([site], [FCR])
    period = "?period=2026-09"
    for at, told in ((OPEN, True), (CLOSED, False)):
        with time_machine.travel(at, tick=False):
            reader = signed_in(Role.AUDITOR)
            for url in (
                "/performance/",
                "/performance/sites/CTU/",
                "/performance/partners/BLUE/",
                "/performance/why/fcr/",
            ):
                assert ("provisional" in text(reader, f"{url}{period}")) == told, url
            said = plain(text(reader, f"/performance/sites/CTU/{period}&how=fcr"))
            assert ("Provisional It may still change until 7 Oct 2026." in said) == told
            for url in ("sites/CTU/export/", "why/fcr/", "spread/fcr/"):
                file = reader.post(f"/performance/{url}{period}", {"format": "csv"})
                held = b"".join(file.streaming_content) if file.streaming else file.content
                assert (b"2026-10-07" in held) == told, url


def test_kpi_value_says_so() -> None:
    site = SiteFactory(code="CTU", time_zone="Asia/Shanghai")
    contacts(site, MONTH, date(2026, 9, 30))

    def said(*more: str) -> str:
        out = StringIO()
        given = ("fcr", "--site", "CTU", "--from", "2026-09-01", "--to", "2026-09-30", *more)
        call_command("kpi_value", *given, stdout=out)
        return out.getvalue()

    with time_machine.travel(OPEN, tick=False):
        found = json.loads(said("--json", "--by", "week"))
        assert (found["provisional"], found["provisional_until"]) == (True, "2026-10-07")
        assert [row.get("provisional", False) for row in found["rows"]] == [False, False, False, False, True]
        assert "provisional until 2026-10-07" in said()
    with time_machine.travel(CLOSED, tick=False):
        assert "provisional" not in json.loads(said("--json"))
        assert "provisional" not in said()


def test_a_signal_s_weeks_say_so() -> None:
    site = SiteFactory(code="CTU", name="Chengdu", time_zone="Asia/Shanghai")
    contacts(site, date(2026, 9, 7), date(2026, 10, 4))
    contract([site], [("fcr", 20, "up", "0.85", "0.90", "0.95")])
    event = AlertEvent.objects.create(
        site=site,
        kpi=Kpi.objects.get(code="fcr"),
        kind="red",
        grain="week",
        period=date(2026, 9, 28),
        value=Decimal("0.8"),
    )
    for at, late in (
        (datetime(2026, 10, 11, 15, tzinfo=UTC), [True]),
        (datetime(2026, 10, 11, 17, tzinfo=UTC), [False]),
    ):
        with time_machine.travel(at, tick=False):
            found = tables([event.pk])[event.pk]
            assert [row.provisional for row in found.rows[-4:]] == [False, False, False, *late]
            page = text(signed_in(Role.AUDITOR), f"/performance/alerts/{event.pk}/")
            assert ("80.0% provisional" in plain(page)) == late[0]
