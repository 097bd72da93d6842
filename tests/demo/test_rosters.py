"""The demo's rosters: one to fix, one that waits, and weeks that were confirmed."""

import pytest

from partners.models import LeaverAttestation, Roster
from portal.demo import actions


@pytest.mark.django_db
def test_rosters_wait_to_be_looked_at_once() -> None:
    actions.build_demo(cases=0, days=0, processes=1)
    first, second = Roster.objects.order_by("pk")
    assert (first.state, first.errors, first.leavers, first.joiners) == ("previewed", 1, 1, 2)
    assert (second.state, second.errors, second.leavers, second.joiners, second.movers) == ("sent", 0, 0, 3, 0)
    assert LeaverAttestation.objects.exists()
    actions.build_demo(cases=0, days=0, processes=1)
    assert Roster.objects.count() == 2
