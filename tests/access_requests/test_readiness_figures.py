"""All sites in figures say what their boards say, whatever state everything is in."""

import random
import re
from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access_requests.models import Entitlement
from access_requests.queries.figures import Figures, figures_of
from access_requests.queries.readiness import agents_starting, still_of_interest
from access_requests.rules.readiness import Course
from partners.models import Person, Site
from portal.ui.times import in_zone
from tests.access_requests.readiness_world import Wave, text_of, wave
from tests.factories.access import AccessRequestFactory, ApprovalStageFactory, RequestItemFactory
from tests.factories.sla import CalendarFactory

pytestmark = pytest.mark.django_db
URL = "/access/readiness/"
PROVEN, CONFIRMED, HELD, NOTHING = "proven", "confirmed", "held", ""
STATES = (
    "submitted", "awaiting_approval", "approved", "queued", "sent", "failed_retryable", "failed_final", "blocked_sod",
    "claimed_done",
)  # fmt: skip


@pytest.fixture
def made() -> Wave:
    found = wave()
    found.site.calendar = CalendarFactory.create()
    found.site.save()
    return found


def arrange(made: Wave, rng: random.Random, person: Person, site: Site, one: Entitlement, now: datetime) -> None:
    """Bring somebody's entitlement into some state."""
    held = rng.choice([PROVEN, PROVEN, CONFIRMED, HELD, NOTHING, NOTHING])
    ago = now - timedelta(hours=rng.randint(1, 40))
    if held:
        confirmed, verified = ago if held != HELD else None, ago if held == PROVEN else None
        made.give(person, one, started_at=ago, confirmed_at=confirmed, verified_at=verified)
    if held != PROVEN and rng.random() < 0.7:
        due = rng.choice([None, now + timedelta(hours=rng.randint(-5, 90))])
        shift = rng.choice([None, now + timedelta(days=rng.randint(-12, 12))])
        kind = rng.choice(["joiner", "joiner", "mover", "ad_hoc"])
        request = AccessRequestFactory.create(site=site, kind=kind, first_shift_at=shift)
        rule = ApprovalStageFactory.create().rule
        at = {name: rng.choice([None, ago]) for name in ("approved_at", "sent_at", "claimed_at")}
        RequestItemFactory.create(
            request=request, person=person, entitlement=one, state=rng.choice(STATES), rule=rule, stage=1, due_at=due,
            created_at=ago, **at,
        )  # fmt: skip


def wednesday() -> datetime:
    """Ten in the morning of the last Wednesday, so that what is open does not depend on the day of the test."""
    now = timezone.now()
    return (now - timedelta(days=(now.weekday() - 2) % 7)).replace(hour=10, minute=0, second=0, microsecond=0)


def fill(made: Wave, rng: random.Random, number: int, now: datetime) -> None:
    behind = (timezone.now().date() - now.date()).days
    for n in range(number):
        site = rng.choice([made.site, made.other])
        person = made.joiner(f"Agent {n}", rng.randint(-14, 7) - behind, site)
        for one in (made.desk, made.phone):
            arrange(made, rng, person, site, one, now)


def counted(site: Site, now: datetime) -> Figures:
    """A site's figures by its board: one agent after another."""
    today = now.date()
    agents = still_of_interest(agents_starting([site], today - timedelta(days=14), today + timedelta(days=7), now), now)
    next_day = in_zone(now, site.time_zone).date() + timedelta(days=1)
    soon = [one for one in agents if in_zone(one.first_shift_at, site.time_zone).date() == next_day]
    return Figures(
        Counter(one.outlook.course for one in agents), len(soon),
        sum(one.outlook.course >= Course.AT_RISK for one in soon), sum(one.idle_hours or 0 for one in agents),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_figures_of_sites_are_those_of_their_boards(made: Wave, seed: int) -> None:
    now = wednesday()
    fill(made, random.Random(seed), 60, now)
    window = now.date() - timedelta(days=14), now.date() + timedelta(days=7)
    found = figures_of([made.site, made.other], *window, now)
    for site in (made.site, made.other):
        board = counted(site, now)
        assert found[site.pk].courses == board.courses
        assert found[site.pk].idle_hours == pytest.approx(board.idle_hours)
        assert (found[site.pk].tomorrow, found[site.pk].tomorrow_at_risk) == (board.tomorrow, board.tomorrow_at_risk)
    assert found[made.site.pk].idle_hours > 0
    assert {course for one in found.values() for course in one.courses} == set(Course)


def test_the_page_of_all_sites_and_the_boards_show_the_same_numbers(made: Wave) -> None:
    fill(made, random.Random(7), 20, timezone.now())
    auditor = made.client("auditor")
    rows = dict(re.findall(r'(?s)<tr id="site-(\d+)">(.*?)</tr>', text_of(auditor, URL)))
    for site in (made.site, made.other):
        cells = re.findall(r'<td class="num[^"]*">(\d+)</td>', rows[str(site.pk)])
        board = text_of(auditor, URL, site=site.code)
        _ready, on_course, at_risk, miss = re.findall(r'<p class="big">(\d+)', board)
        assert re.search(rf"{cells[0]} joiners? in this period", board)
        assert cells[1:4] == [on_course, at_risk, miss]


def test_the_queries_for_figures_are_the_same_for_any_number(made: Wave) -> None:
    counts = []
    for seed in (1, 2):
        fill(made, random.Random(seed), 10, timezone.now())
        made.client("auditor").get(URL)
        client = made.client("auditor")
        client.get(URL)
        with CaptureQueriesContext(connection) as asked:
            client.get(URL)
        counts.append(len(asked))
    assert counts[0] == counts[1]
