"""Other wings hand in figures of their own: once or twice is the same, and a correction leaves a trace."""

from datetime import date
from decimal import Decimal

import pytest

from kpis.actions import hand_in
from kpis.models import Batch, Figure, Revision
from tests.factories.partners import SiteFactory

pytestmark = pytest.mark.django_db
MONDAY, TUESDAY = date(2026, 11, 2), date(2026, 11, 3)


def test_twice_is_once_and_a_correction_leaves_a_trace() -> None:
    here = SiteFactory.create().pk
    rows = [(here, None, None, MONDAY, 3), (here, None, None, TUESDAY, Decimal("2.5"))]
    first = hand_in(key="wing 1", component_code="backlog", rows=rows)
    assert first is not None
    assert (first.added, first.state, first.source) == (2, "applied", "portal")
    assert hand_in(key="wing 1", component_code="backlog", rows=rows) is None
    second = hand_in(
        key="wing 2", component_code="backlog", rows=[(here, None, None, MONDAY, 4)], days=[(here, TUESDAY)]
    )
    assert second is not None
    assert list(Figure.objects.values_list("day", "value")) == [(MONDAY, 4)], "of Tuesday nothing is left"
    assert {(r.former_batch_id, r.before["value"]) for r in Revision.objects.all()} == {(first.pk, "3.0000"), (first.pk, "2.5000")}  # fmt: skip
    assert Batch.objects.count() == 2


def test_two_figures_for_one_place_are_a_mistake() -> None:
    here = SiteFactory.create().pk
    with pytest.raises(ValueError, match="same place"):
        hand_in(key="k", component_code="backlog", rows=[(here, None, None, MONDAY, 3), (here, None, None, MONDAY, 4)])
