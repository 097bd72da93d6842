"""A quarter in the demo, built once: facts through the importer, sums made, contracts with a story to find, figures of other wings, reviews."""

from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.db.models import Sum
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from kpis.choices import BatchState
from kpis.models import AlertEvent, Annotation, Batch, Contract, DirtyBucket, Exclusion, Figure, Line, QueueDay, Result
from kpis.queries import Scope, figures, kpis_in_use
from partners.models import Queue, Site
from portal.accounts.models import User
from portal.accounts.rules import SYSTEM
from portal.demo import actions
from portal.demo.performance import DAYS, LINES
from portal.notifications.models import OutboxRow
from reviews.choices import ActionState
from reviews.models import Action, Engagement, Finding, Pack, ReportJob, Sharing, Visit
from reviews.queries.effects import measured
from tests.my_day import my_day

pytestmark = pytest.mark.django_db


type Today = frozenset[tuple[str, date]]


@pytest.fixture(scope="module", autouse=True)
def built_on(_company: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Today]:
    """With facts, a few cases and reviews, built on this day of the sites; taken back after the last test."""
    with django_db_blocker.unblock(), transaction.atomic():
        today = _today()
        actions.build_demo(cases=30, days=DAYS, processes=1)
        yield today
        transaction.set_rollback(True)


@pytest.fixture
def settled(db: None) -> None:
    """What fell due while it was built has happened."""
    actions.settle_clocks()


def test_there_is_a_story_to_find() -> None:
    assert set(Batch.objects.values_list("state", "faults")) == {(BatchState.APPLIED, 0)}
    assert Batch.objects.exclude(source="portal").count() == 5
    assert (Queue.objects.count(), Contract.objects.count(), DirtyBucket.objects.count()) == (24, 6, 0)
    assert Line.objects.count() == 6 * len(LINES)
    # What a range leaves out is beside what is left of the day.
    days = QueueDay.objects.filter(offered__gt=0).values_list("queue", "day")
    assert len(set(days)) == 24 * DAYS
    _off_target()
    _told_and_agreed()
    _of_other_wings()


def test_what_was_built_stays(built_on: Today) -> None:
    before, after = _counted(), _built_again()
    # A site's midnight began another day meanwhile, whose figures are handed in; the next one is hours away.
    if _today() != built_on:
        before, after = _counted(), _built_again()
    assert after == before


def _today() -> Today:
    """Which day it is in the zones of the sites."""
    now = timezone.now()
    zones = Site.objects.values_list("time_zone", flat=True).distinct()
    return frozenset((zone, now.astimezone(ZoneInfo(zone)).date()) for zone in zones)


def _built_again() -> tuple[int, ...]:
    actions.build_demo(cases=30, days=DAYS, processes=1)
    return _counted()


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
    assert set(Exclusion.objects.values_list("site__code", "state", "proposed_side")) == {
        ("CTU", "proposed", "partner"), ("CTU", "approved", "partner"),
    }  # fmt: skip
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
    models = (Batch, QueueDay, Result, Figure, AlertEvent, Pack, Engagement, Finding, Action, OutboxRow)
    return tuple(model.objects.count() for model in models)


def _values(code: str, last: date, back: int = 20) -> dict[str, float]:
    kpis = [one for one in kpis_in_use() if one.code == code]
    names = dict(Site.objects.values_list("pk", "code"))
    found = figures(Scope(frozenset(names)), kpis, last - timedelta(days=back), last, ["site"])
    values = {names[key[0]]: readings[code].value for key, readings in found.items() if code in readings}
    return {site: float(value) for site, value in values.items() if value is not None}


def test_both_sides_have_gone_through_weeks_of_packs() -> None:
    own = Pack.objects.filter(kind__code="weekly", site__code="CTU").order_by("first_day", "revision")
    assert list(own.values_list("state", "revision")) == [
        ("published", 1), ("published", 1), ("published", 1), ("published", 2), ("published", 1), ("published", 1), ("draft", 1),
    ]  # fmt: skip
    revised, before = own.get(revision=2), own.filter(revision=1)[2]
    assert (revised.first_day, revised.data == before.data) == (before.first_day, False)
    assert {one.side for one in revised.acknowledgements.all()} == {"company", "partner"}
    assert all(one.frozen_at < one.published_at < timezone.now() for one in own.exclude(state="draft"))
    newest = own.last()
    assert newest is not None
    assert newest.lines.filter(needs_comment=True, comments=None).exists()
    assert ReportJob.objects.filter(kind__code="weekly", scope="site").count() == 12
    rest = Pack.objects.exclude(kind__code="weekly", scope="site").values_list("kind__code", "scope", "state")
    assert set(rest) == {
        ("monthly", "site", "draft"), ("monthly", "site", "published"), ("quarterly", "partner", "draft"), ("weekly", "network", "draft"),
    }  # fmt: skip
    assert {one.state for one in Pack.objects.filter(kind__code="weekly", site__code__in=("MNL", "KUL"))} == {
        "draft", "published",
    }  # fmt: skip


def test_meetings_were_held_and_one_is_next() -> None:
    calls = Engagement.objects.filter(series__title="Chengdu weekly ops call").order_by("starts_at")
    assert [one.state for one in calls[:6]] == ["held"] * 4 + ["cancelled", "planned"]
    held, coming = calls[3], calls[5]
    assert held.minutes.count() == 1
    point = held.agenda.get(kind="topic", note_version__gt=0)
    assert len(point.notes.splitlines()) == 2
    assert point.note_revisions.values("by").distinct().count() == 2
    assert coming.starts_at > timezone.now()
    assert {"exception", "action", "topic"} == set(coming.agenda.values_list("kind", flat=True))
    assert set(Engagement.objects.filter(state="held").values_list("kind", flat=True)) == {
        "ops_call", "lead_meeting", "calibration", "round_table", "shadowing", "site_visit",
    }  # fmt: skip
    assert Engagement.objects.filter(kind="business_review", site=None, partner__code="BLUEWAVE").exists()


def test_visits_findings_and_practices() -> None:
    first, second = Visit.objects.order_by("finished_at")
    assert (first.checklist_version.number, second.checklist_version.number) == (1, 2)
    assert first.answers.count() < second.answers.count()
    assert second.photos.count() == 1
    assert Engagement.objects.filter(kind="site_visit", state="planned", starts_at__gt=timezone.now()).count() == 2
    assert set(Finding.objects.values_list("kind", flat=True)) == {"finding", "practice", "top_issue"}
    assert set(Sharing.objects.values_list("adoption", flat=True)) == {"", "adopt", "adapt", "not_for_us"}


@pytest.mark.usefixtures("settled")
def test_actions_are_in_every_state() -> None:
    assert set(Action.objects.values_list("state", flat=True)) == set(ActionState.values)
    assert set(Action.objects.filter(state="done").values_list("side", flat=True)) == {"company", "partner"}
    assert Action.objects.filter(is_overdue=True, owner__email="lead@demo.example").exists()
    found = {one.title: measured(SYSTEM, one) for one in Action.objects.filter(state="verified")}
    said = {title: one.effect.verdict for title, one in found.items() if one}
    assert said == {
        "Reply macros for both programmes": "seen",
        "Move breaks out of the evening peak": "not_seen",
        "Go through three closings in every calibration": "too_early",
    }
    assert set(Action.objects.values_list("source", flat=True)) >= {"finding", "pack", "meeting", "scorecard", "other"}


@pytest.mark.parametrize(
    ("email", "words"),
    [
        ("lead@demo.example", ("Waits for your acknowledgement", "Buy eleven headsets", "Roster for the coming weekend")),
        ("coordinator@demo.example", ("An exception needs a comment", "Roster for the coming weekend")),
        ("manager@demo.example", ("Acknowledged by both sides. Publish it.", "Ask the vendor for a second line")),
    ],
)  # fmt: skip
def test_my_day_says_what_waits(client: Client, email: str, words: tuple[str, ...]) -> None:
    client.force_login(User.objects.get(email=email))
    page = my_day(client)
    assert [word for word in words if word not in page] == []


def test_pages_show_what_there_is(client: Client) -> None:
    lead = "lead@demo.example"
    revised = Pack.objects.get(revision=2)
    assert "The outage of Tuesday afternoon does not count" in _page(client, lead, f"/reviews/packs/{revised.pk}/")
    assert "Service level" in _page(client, lead, f"/reviews/packs/{revised.pk}/changes/")
    calls = Engagement.objects.filter(series__title="Chengdu weekly ops call", state="planned")
    call = calls.earliest("starts_at")
    assert "Golden Week staffing" in _page(client, lead, f"/reviews/meetings/{call.pk}/")
    visit = Visit.objects.latest("finished_at")
    assert "Eleven still shared; order is late" in _page(client, lead, f"/reviews/visits/{visit.engagement_id}/report/")
    practices = _page(client, lead, "/reviews/practices/")
    assert "A buddy for every first evening shift" in practices
    assert "班前五分钟" in practices
    assert "Buy eleven headsets" in _page(client, lead, "/reviews/actions/board/")
    tried = Action.objects.get(title="Reply macros for both programmes")
    assert "Shift seen" in _page(client, lead, f"/reviews/actions/A-{tried.pk}/")


def _page(client: Client, email: str, url: str) -> str:
    client.force_login(User.objects.get(email=email))
    response = client.get(url)
    assert response.status_code == 200, url
    return str(response.content.decode())
