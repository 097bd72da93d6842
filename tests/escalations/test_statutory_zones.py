"""What the law waits for is told by the clocks of its place, with the reader's own time beside; clocks stand by when they are due."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from escalations.actions import regulate
from escalations.models import Case
from escalations.queries.statutory import duties_of
from sla.models import Clock
from tests.escalations.case_page import page
from tests.escalations.pages_world import World, world
from tests.factories.statutory import ACK, FINAL, jurisdiction_with

pytestmark = pytest.mark.django_db
RECEIVED = datetime.fromisoformat("2025-01-06T20:30:00+00:00")
DUE = "14 Jan 2025, 23:59 Pacific/Honolulu (15 Jan 2025, 17:59 your time)"


@pytest.fixture
def here() -> World:
    made = world()
    who = made.users["associate"]
    who.time_zone = "Asia/Shanghai"
    who.save()
    return made


@pytest.fixture
def case(here: World) -> Case:
    """Received on 6 January in Hawaii, where it was half past ten in the morning."""
    made = here.case()
    law = jurisdiction_with(ack=8, final=56, zone="Pacific/Honolulu")
    regulate(actor=here.actor("associate"), ref=made.pk, jurisdiction_id=law.pk, received_at=RECEIVED)
    return made


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_rail_page_and_explanation_tell_the_same_day_and_name_its_zone(here: World, case: Case) -> None:
    client = here.client("associate")
    rail = words(page(here, "associate", case))
    listed = words(client.get(f"/cases/{case.ref}/deadlines/").text)
    clock = next(one for one in duties_of(case.pk) if one.metric == ACK)
    explained = words(client.get(reverse("sla:clock", args=[clock.id])).text)
    assert f"Due {DUE} · cannot be paused" in rail
    assert f"Due {DUE}" in listed
    assert "Received 6 Jan 2025, 10:30 Pacific/Honolulu (7 Jan 2025, 04:30 your time)" in listed
    assert f"Due {DUE}" in explained
    history = explained.partition("What happened, and what will")[2]
    assert history.startswith(" Times of Pacific/Honolulu")
    assert "6 Jan 2025, 10:30 Started" in history


def test_a_reader_in_that_zone_reads_it_once(here: World, case: Case) -> None:
    who = here.users["associate"]
    who.time_zone = "Pacific/Honolulu"
    who.save()
    rail = words(page(here, "associate", case))
    assert "Due 14 Jan 2025, 23:59 Pacific/Honolulu · cannot be paused" in rail


def test_clocks_alike_stand_by_when_they_are_due(here: World) -> None:
    case, now = here.case(), timezone.now()
    law = jurisdiction_with(ack=8, final=56)
    regulate(actor=here.actor("associate"), ref=case.pk, jurisdiction_id=law.pk, received_at=now - timedelta(hours=1))
    rows = Clock.objects.filter(subject_id=case.pk, state="running")
    wanted = [FINAL, "resolution", ACK, "first_response"]
    for days, metric in enumerate(wanted, 1):
        assert rows.filter(metric=metric).update(due_at=now + timedelta(days=100 + days)) == 1
    late = rows.get(metric="resolution")
    Clock.objects.filter(pk=late.pk).update(started_at=now - timedelta(days=1), due_at=now - timedelta(minutes=5))
    shown = [line.pk for line in here.client("associate").get(f"/cases/{case.ref}/").context["clocks"]]
    order = dict(rows.values_list("pk", "metric"))
    assert [order[pk] for pk in shown] == ["resolution", FINAL, ACK, "first_response"]
