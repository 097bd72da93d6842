"""Performance in the demo: facts through the importer, sums made, contracts with a story to find, figures of other wings; built once."""

from datetime import date, timedelta

import pytest
from django.db.models import Sum
from django.utils import timezone

from kpis.choices import BatchState
from kpis.models import AlertEvent, Annotation, Batch, Contract, DirtyBucket, Exclusion, Figure, Line, QueueDay, Result
from kpis.queries import Scope, figures, kpis_in_use
from partners.models import Queue, Site
from portal.demo import actions
from portal.demo.performance import DAYS, LINES

pytestmark = pytest.mark.django_db


def test_there_is_a_story_to_find_and_what_was_built_stays() -> None:
    actions.build_demo(cases=30, days=DAYS, processes=1)
    assert set(Batch.objects.values_list("state", "faults")) == {(BatchState.APPLIED, 0)}
    assert Batch.objects.exclude(source="portal").count() == 5
    assert (Queue.objects.count(), Contract.objects.count(), DirtyBucket.objects.count()) == (24, 6, 0)
    assert Line.objects.count() == 6 * len(LINES)
    assert QueueDay.objects.filter(offered__gt=0).count() == 24 * DAYS
    _off_target()
    _told_and_agreed()
    _of_other_wings()
    before = _counted()
    actions.build_demo(cases=30, days=DAYS, processes=1)
    assert _counted() == before


def _off_target() -> None:
    """One cell of the matrix is red, and so it is told; at another site the weeks say more than noise."""
    last = timezone.now().date() - timedelta(days=1)
    levels = _values("service-level", last)
    assert levels.pop("CTU") < 0.75
    assert min(levels.values()) > 0.78
    told = set(AlertEvent.objects.values_list("site__code", "kpi__code", "kind"))
    assert ("CTU", "service-level", "red") in told
    assert {kind for site, kpi, kind in told if (site, kpi) == ("DLC", "qa")} & {"run", "near", "outside"}, sorted(told)


def _told_and_agreed() -> None:
    """A remark, a range that the partner disputes and nobody has decided, and a month that is frozen."""
    assert list(Annotation.objects.values_list("site__code", "kind")) == [("CTU", "staffing")]
    assert list(Exclusion.objects.values_list("site__code", "state", "proposed_side")) == [
        ("CTU", "proposed", "partner")
    ]
    frozen = Result.objects.get()
    assert (frozen.site.code, frozen.revision, frozen.score is not None) == ("DLC", 1, True)


def _of_other_wings() -> None:
    """Cases, access and the directory have handed in what they know."""
    rows = Figure.objects.filter(batch__source="portal", person=None).values_list("component__code")
    total = dict(rows.annotate(n=Sum("value")).order_by())
    assert set(total) == {
        "escalated", "solved", "reopened", "sla_due", "sla_met", "joiners", "ready", "headcount_days", "leavers",
    }  # fmt: skip
    assert 0 < total["escalated"] <= 30
    assert 0 < total["sla_met"] <= total["sla_due"]
    assert 0 < total["ready"] < total["joiners"]
    assert 0 < total["leavers"] < total["headcount_days"]
    last = timezone.now().date()
    read = _values("readiness", last, DAYS) | _values("case-sla", last, DAYS) | _values("attrition", last, DAYS)
    assert read, "and the pages show them"


def _counted() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Batch, QueueDay, Result, Figure, AlertEvent))


def _values(code: str, last: date, back: int = 20) -> dict[str, float]:
    kpis = [one for one in kpis_in_use() if one.code == code]
    names = dict(Site.objects.values_list("pk", "code"))
    found = figures(Scope(frozenset(names)), kpis, last - timedelta(days=back), last, ["site"])
    values = {names[key[0]]: readings[code].value for key, readings in found.items() if code in readings}
    return {site: float(value) for site, value in values.items() if value is not None}
