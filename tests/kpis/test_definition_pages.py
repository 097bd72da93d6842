"""The pages of definitions: what they show, trying a formula out, two editors at once, what is refused."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kpis.models import Component, Kpi, KpiVersion
from kpis.rules.periods import containing
from partners.models import Site
from tests.factories.partners import QueueFactory, SiteFactory, signed_in
from tests.kpis.filling import queue_day

pytestmark = pytest.mark.django_db

LIST = "/performance/definitions/"
PAGE = f"{LIST}service-level/"
NEW = f"{PAGE}versions/new/"


@pytest.fixture
def site() -> Site:
    """A site with figures of last month, and a stranger to it."""
    month = containing("month", timezone.now().date()).previous()
    made: list[Site] = []
    for name, answered in (("Chengdu", 60), ("Manila", 90)):
        queue = QueueFactory(programme__site__name=name)
        queue_day(
            queue,
            month.first,
            offered=100,
            answered=answered,
            answered_in_t=45,
            abandoned=100 - answered,
            abandoned_in_t=0,
        )
        made.append(queue.programme.site)
    return made[0]


def manager(site: Site) -> Client:
    return signed_in("partner_manager", site=site)


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def ahead(days: int = 3) -> str:
    return (timezone.now().date() + timedelta(days=days)).isoformat()


def formula(**more: Any) -> dict[str, Any]:
    """What a browser posts for answered ÷ offered."""
    kpi = Kpi.objects.get(code="service-level")
    return {
        "version": kpi.version, "numerator-1": "answered", "numerator-factor-1": "1", "denominator-1": "offered",
        "denominator-factor-1": "1", "scale": "1", "roll_up": "ratio", "interval": "wilson", "sample": "offered",
        "minimum_n": "30", "first": ahead(), "reason": "As the contract says", "do": "save", **more,
    }  # fmt: skip


def test_the_list_shows_every_kpi_with_its_formula(site: Site) -> None:
    shown = text(signed_in("partner_qa", site=site).get(LIST))
    assert "Answered in time ÷ (Answered + Abandoned − Abandoned in time)" in shown
    assert "100 × (Promoters − Detractors) ÷ NPS responses" in shown
    assert "New KPI" not in shown
    assert "New KPI" in text(manager(site).get(LIST))


def test_the_list_costs_the_same_however_many_kpis(site: Site, django_assert_max_num_queries: Any) -> None:
    client = manager(site)
    client.get(LIST)
    for number in range(20):
        kpi = Kpi.objects.create(code=f"k{number}", name=f"K{number}", unit="number", direction="up")
        old = KpiVersion.objects.get(kpi__code="nps")
        KpiVersion.objects.create(kpi=kpi, number=1, period=old.period, numerator={"answered": "1"})
    with django_assert_max_num_queries(20):
        client.get(LIST)


def test_a_formula_is_tried_out_for_the_sites_that_the_reader_sees(site: Site) -> None:
    response = manager(site).post(NEW, formula(do="try"))
    shown = text(response)
    assert response.status_code == 200
    assert "Answered ÷ Offered" in shown
    rows = [[row["site"], row["old"], row["new"], row["step"], row["n"]] for row in response.context["tried"]["rows"]]
    assert rows == [["All sites", "45.0%", "60.0%", "+15.0", 100], ["Chengdu", "45.0%", "60.0%", "+15.0", 100]]
    assert "Manila" not in shown
    assert KpiVersion.objects.filter(kpi__code="service-level").count() == 1


def test_a_saved_formula_is_on_the_timeline_with_who_and_why(site: Site) -> None:
    client = manager(site)
    response = client.post(NEW, formula(threshold_seconds="30", variant="f3"), follow=True)
    shown = text(response)
    assert [line.state for line in response.context["lines"]] == ["ahead", "now"]
    assert 'Service level = <span class="formula">Answered ÷ Offered</span>' in shown
    assert "As the contract says" in shown
    assert response.wsgi_request.user.name in shown
    made = KpiVersion.objects.get(kpi__code="service-level", number=2)
    assert made.parameters == {"threshold_seconds": 30, "variant": "f3"}
    client.post(f"{PAGE}versions/2/withdraw/")
    assert KpiVersion.objects.get(kpi__code="service-level").period.upper is None


def test_the_second_of_two_editors_keeps_what_they_typed(site: Site) -> None:
    mine = formula(reason="Mine")
    manager(site).post(NEW, formula(**{"numerator-1": "answered_in_t"}))
    client = manager(site)
    response = client.post(NEW, mine)
    shown = text(response)
    assert response.status_code == 409
    assert "changed this a moment ago" in shown
    assert "Component 1 is now Answered in time" in shown
    assert 'value="Mine"' in shown
    later = {**mine, "version": response.context["form"]["version"].value(), "first": ahead(9)}
    assert client.post(NEW, later).status_code == 302
    assert KpiVersion.objects.get(kpi__code="service-level", number=3).reason == "Mine"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"numerator-1": ""}, "Choose at least one component."),
        ({"numerator-2": "answered", "numerator-factor-2": "2"}, "A component stands here twice."),
        ({"numerator-factor-1": "NaN"}, "Enter a number."),
        ({"numerator-factor-1": "1e999"}, "Ensure that there are no more than"),
        ({"numerator-factor-1": "0"}, "A factor of 0 counts nothing."),
        ({"numerator-1": "__import__('os')"}, "Select a valid choice."),
        ({"scale": "100"}, "A percent is shown times 100 by itself."),
        ({"first": "9999-99-99"}, "Enter a valid date."),
        ({"first": "0001-01-01"}, "Choose a day from 2000 on."),
        ({"first": "2026-01-01"}, "A formula begins tomorrow at the earliest"),
        ({"reason": "a\x00b"}, "Null characters are not allowed."),
        ({"interval": "adjusted_wald"}, "This interval is for NPS alone"),
    ],
)
def test_what_cannot_be_kept_is_said(site: Site, typed: dict[str, str], message: str) -> None:
    response = manager(site).post(NEW, formula(**typed))
    assert response.status_code == 422
    assert message in text(response)
    assert KpiVersion.objects.filter(kpi__code="service-level").count() == 1


def test_a_new_kpi_from_a_new_component(site: Site) -> None:
    client = manager(site)
    component = {"code": "complaints", "name": "Complaints", "name_zh": "投诉", "unit": "number"}
    assert "Complaints" in text(client.post(f"{LIST}components/new/", component, follow=True))
    values = {
        "code": "complaint-rate", "name": "Complaint rate", "unit": "percent", "direction": "down", "decimals": "1",
        "position": "15", "numerator-1": "complaints", "first": "2026-01-01",
    }  # fmt: skip
    assert "Complaints ÷ Offered" in text(client.post(f"{LIST}new/", formula(**values, do="try", interval="none")))
    response = client.post(f"{LIST}new/", formula(**values), follow=True)
    assert response.redirect_chain == [(f"{LIST}complaint-rate/", 302)]
    assert "Complaint rate = " in text(response)
    version = KpiVersion.objects.get(kpi__code="complaint-rate")
    assert (version.numerator, version.scale, version.period.lower.isoformat()) == (
        {"complaints": "1"},
        Decimal(1),
        "2026-01-01",
    )
    again = client.post(f"{LIST}new/", formula(**values))
    assert (again.status_code, "This code is taken." in text(again)) == (422, True)


def test_names_and_archiving(site: Site) -> None:
    client = manager(site)
    kpi = Kpi.objects.get(code="asa")
    values = {"name": "Speed of answer", "direction": "down", "decimals": "0", "position": "60", "version": kpi.version}
    assert "Speed of answer" in text(client.post(f"{LIST}asa/change/", values, follow=True))
    stale = client.post(f"{LIST}asa/change/", {**values, "name": "ASA"})
    assert (stale.status_code, "Name is now Speed of answer" in text(stale)) == (409, True)
    assert "KPI archived" in text(client.post(f"{LIST}asa/archive/", follow=True))
    assert "KPI restored" in text(client.post(f"{LIST}asa/restore/", follow=True))
    row = Component.objects.get(code="backlog")
    in_use = text(client.post(f"{LIST}components/backlog/archive/", follow=True))
    assert "A formula in force or to come uses this component: Backlog." in in_use
    typed = {"name": "Open", "unit": "number", "stock": "on", "version": row.version}
    client.post(f"{LIST}components/backlog/change/", typed)
    assert Component.objects.get(code="backlog").name == "Open"


def test_addresses_that_name_nothing(site: Site) -> None:
    client = manager(site)
    assert client.get(f"{LIST}nonsense/").status_code == 404
    assert client.post(f"{PAGE}versions/99999999999999999999/withdraw/").status_code == 404
    assert client.get(f"{LIST}components/nonsense/change/").status_code == 404
    assert signed_in("partner_agent", site=SiteFactory()).get(LIST).status_code == 404
    assert signed_in("auditor").get(NEW).status_code == 403


def test_the_trail_tells_of_definitions_in_words(site: Site) -> None:
    manager(site).post(NEW, formula())
    kpi = Kpi.objects.get(code="service-level")
    shown = text(signed_in("auditor").get(f"/audit/?type=kpi&id={kpi.pk}"))
    assert "Gave a KPI a new formula" in shown
    assert "Service level" in shown
    assert "In force from" in shown
