"""Days of people whose placement changed are summed up again, and no other's."""

from datetime import date

import pytest

from kpis.listeners import on_change
from kpis.models import AgentDay, DirtyBucket
from portal.accounts.rules import SYSTEM
from tests.factories.partners import SiteFactory, placed

pytestmark = pytest.mark.django_db


def test_days_of_who_moved() -> None:
    here = SiteFactory.create()
    moved, other = placed(here), placed(here)
    AgentDay.objects.create(site=here, person=moved, day=date(2026, 11, 2))
    AgentDay.objects.create(site=here, person=other, day=date(2026, 11, 3))
    on_change(actor=SYSTEM, person_ids=[moved.pk])
    assert list(DirtyBucket.objects.values_list("site_id", "day")) == [(here.pk, date(2026, 11, 2))]
