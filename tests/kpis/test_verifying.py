"""The nightly check finds sums that are not what the facts say, and administrators hear of it once; tables are there ahead of time."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from kpis.actions import recompute
from kpis.actions.months import make_months
from kpis.actions.verifying import verify
from kpis.models import Difference, DirtyBucket, QueueDay
from portal.accounts.choices import Role
from portal.notifications.models import Notification, OutboxRow
from portal.notifications.registry import require_kind
from tests.factories.kpis import site_facts
from tests.factories.partners import SiteFactory, signed_in, user

pytestmark = pytest.mark.django_db


def test_what_differs_is_told_and_made_again() -> None:
    last = timezone.now().date() - timedelta(days=2)
    here = SiteFactory.create(time_zone="Europe/Bratislava", name="Chengdu", name_zh="成都")
    administrator, manager = user(Role.ADMINISTRATOR), user(Role.MANAGER, site=here)
    site_facts(here, last - timedelta(days=2), last)
    assert (verify(), Difference.objects.count()) == (0, 0), "the workers' sums are what Python says"
    row = QueueDay.objects.filter(offered__gt=0).earliest("id")
    right, row.offered = row.offered, row.offered + 7
    row.save()
    assert verify() == 1
    found = Difference.objects.get()
    assert (found.component, found.stored, found.derived, found.queue_id) == ("offered", right + 7, right, row.queue_id)
    assert DirtyBucket.objects.count() == 1
    told = Notification.objects.get()
    assert told.recipient_id == administrator.pk != manager.pk
    kind = require_kind(told.kind)
    assert kind.title(told.params, 1).startswith("Chengdu, ")
    assert "1 sum was not what the facts say" in kind.title(told.params, 1)
    with translation.override("zh-hans"):
        assert kind.title(told.params, 1).startswith("成都")
    assert signed_in(Role.AUDITOR).get(told.url).status_code == 200
    assert OutboxRow.objects.count() == 1, "and by mail"
    assert verify() == 0, "a day that waits to be made again is not told of twice"
    recompute()
    assert verify() == 0
    assert Notification.objects.count() == 1


def test_months_ahead() -> None:
    make_months()
    assert make_months() == 0, "twice is as good as once"
