"""The nightly check finds sums that are not what the facts say; tables for facts are there ahead of time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from kpis.actions import recompute
from kpis.actions.months import make_months
from kpis.actions.verifying import verify
from kpis.models import Difference, DirtyBucket, QueueDay
from tests.factories.kpis import site_facts
from tests.factories.partners import SiteFactory

pytestmark = pytest.mark.django_db


def test_what_differs_is_told_and_made_again() -> None:
    last = timezone.now().date() - timedelta(days=2)
    here = SiteFactory.create(time_zone="Europe/Bratislava")
    site_facts(here, last - timedelta(days=2), last)
    assert (verify(), Difference.objects.count()) == (0, 0), "the workers' sums are what Python says"
    row = QueueDay.objects.filter(offered__gt=0).earliest("id")
    right, row.offered = row.offered, row.offered + 7
    row.save()
    assert verify() == 1
    found = Difference.objects.get()
    assert (found.component, found.stored, found.derived, found.queue_id) == ("offered", right + 7, right, row.queue_id)
    assert DirtyBucket.objects.count() == 1
    recompute()
    assert verify() == 0


def test_months_ahead() -> None:
    make_months()
    assert make_months() == 0, "twice is as good as once"
