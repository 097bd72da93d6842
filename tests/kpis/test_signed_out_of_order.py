"""One side signs a month, and then an earlier month is signed whose malus that month earns back."""

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest
from django.urls import reverse

from kpis.actions import results, statements
from kpis.models import Statement
from portal.accounts.rules import Actor
from portal.refusals import RefusedError
from tests.kpis.contract_world import MONTH, World, noon
from tests.kpis.test_contract_pages import client

OCTOBER = date(2026, 10, 1)
pytestmark = pytest.mark.django_db


def last(month: date) -> Statement:
    return Statement.objects.filter(result__month=month).latest("result__revision")


def sign(world: World, who: Actor, month: date) -> Statement:
    return statements.sign(actor=who, site=world.site, month=month, seen=statements.stamp(last(month)))


@pytest.fixture
def world() -> World:
    """A September that costs something and an October that earns it back; the lead signed both, and then the manager September."""
    made = World()
    made.usual()
    made.contacts(noon(5, 10), 100, 95, 1000)
    made.count(OCTOBER)
    for month in (MONTH, OCTOBER):
        results.freeze(actor=made.by_manager, site=made.site, month=month)
        results.set_invoice(actor=made.by_manager, site=made.site, month=month, amount=D(10000), currency="EUR")
        sign(made, made.by_lead, month)
    assert last(OCTOBER).earned_back == 0
    sign(made, made.by_manager, MONTH)
    return made


def test_the_second_side_does_not_sign_away_what_is_earned_back(world: World) -> None:
    with pytest.raises(RefusedError, match="earned_back_changed"):
        sign(world, world.by_manager, OCTOBER)
    page = client(world.manager).post(
        reverse("kpis:result_sign", args=[world.site.code, OCTOBER]), {"seen": statements.stamp(last(OCTOBER))}
    )
    assert page.status_code == 422
    assert "what this one earns back is no longer what was signed" in page.content.decode()
    assert last(OCTOBER).company_by_id is None


def test_a_revision_earns_it_back(world: World) -> None:
    again: dict[str, Any] = {"actor": world.by_manager, "site": world.site, "month": OCTOBER}
    results.revise(**again, reason="September was signed later")
    with pytest.raises(RefusedError, match="unchanged"):
        results.revise(**again, reason="Once is enough")
    sign(world, world.by_lead, OCTOBER)
    held = sign(world, world.by_manager, OCTOBER)
    assert (held.state, held.earned_back, held.result.revision) == ("signed", D("800.00"), 2)
