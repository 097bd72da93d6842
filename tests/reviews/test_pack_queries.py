"""What freezing costs: as many queries for a network of many sites as for one of few."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reviews.actions.freezing import freeze
from reviews.models import Pack
from tests.factories.reviews import PackFactory, kind_of
from tests.reviews.packing import a_site

pytestmark = pytest.mark.django_db
PERIODS = {
    "weekly": (date(2026, 11, 9), date(2026, 11, 15)), "monthly": (date(2026, 10, 1), date(2026, 10, 31)),
    "quarterly": (date(2026, 7, 1), date(2026, 9, 30)),
}  # fmt: skip


def cost(revision: int, kind: str) -> tuple[int, Any]:
    first, last = PERIODS[kind]
    pack = PackFactory.create(
        site=None, scope="network", kind=kind_of(kind), first_day=first, last_day=last, revision=revision
    )
    with CaptureQueriesContext(connection) as done:
        assert freeze(pack.pk)
    return len(done), Pack.objects.get(pk=pack.pk)


def test_the_network_costs_the_same_with_two_sites_and_with_six() -> None:
    for contracted in (True, False):
        a_site(contracted=contracted)
    few = {kind: cost(1, kind)[0] for kind in PERIODS}
    for at in range(4):
        a_site(contracted=at % 2 == 0, level=0.5 + at / 10)
    many = {kind: cost(2, kind) for kind in PERIODS}
    assert {kind: number for kind, (number, _pack) in many.items()} == few
    assert few["weekly"] <= 60
    pack = many["weekly"][1]
    (sites,) = (block for one in pack.data["sections"] for block in one["blocks"] if block["key"] == "sites")
    assert len(sites["rows"]) == 6
