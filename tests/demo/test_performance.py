"""Performance in the demo: facts through the importer, sums made, contracts with a story to find; built once."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from kpis.choices import BatchState
from kpis.models import Annotation, Batch, Contract, DirtyBucket, Exclusion, Line, QueueDay, Result
from kpis.queries import Scope, figures, kpis_in_use
from partners.models import Queue, Site
from portal.demo import actions
from portal.demo.performance import LINES

pytestmark = pytest.mark.django_db


def test_a_site_is_off_target_and_what_was_built_stays() -> None:
    actions.build_demo(cases=0, days=40, processes=1)
    assert set(Batch.objects.values_list("state", "faults")) == {(BatchState.APPLIED, 0)}
    assert Batch.objects.count() == 5
    assert (Queue.objects.count(), Contract.objects.count(), DirtyBucket.objects.count()) == (24, 6, 0)
    assert Line.objects.count() == 6 * len(LINES)
    assert QueueDay.objects.filter(offered__gt=0).count() == 24 * 40
    assert (Annotation.objects.count(), Exclusion.objects.count()) == (1, 1)
    last = timezone.now().date() - timedelta(days=1)
    levels = _values("service-level", last)
    assert levels.pop("CTU") < 0.75
    assert min(levels.values()) > 0.78
    before = (Batch.objects.count(), QueueDay.objects.count(), Result.objects.count())
    actions.build_demo(cases=0, days=40, processes=1)
    assert (Batch.objects.count(), QueueDay.objects.count(), Result.objects.count()) == before


def _values(code: str, last: date) -> dict[str, float]:
    kpi = next(one for one in kpis_in_use() if one.code == code)
    names = dict(Site.objects.values_list("pk", "code"))
    found = figures(Scope(frozenset(names)), [kpi], last - timedelta(days=20), last, ["site"])
    return {names[key[0]]: float(readings[code].value) for key, readings in found.items()}
