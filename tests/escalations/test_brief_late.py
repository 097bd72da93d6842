"""A brief says what is late and what was, and proposes no next step for a time gone by."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from escalations.actions import regulate
from escalations.models import Brief, Case
from escalations.rendering.brief_lines import clock_text
from escalations.rendering.briefs import body_of, sheet_of
from sla.models import Clock
from tests.escalations.briefing import rich_case, written
from tests.escalations.pages_world import World, world
from tests.factories.statutory import jurisdiction_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> World:
    return world()


@pytest.fixture
def case(here: World) -> Case:
    """Answered 3 h 11 min late, and 7 h 41 min over what settles it."""
    made, now = rich_case(here), timezone.now()
    promises = {
        "first_response": (now - timedelta(hours=9), {}),
        "resolution": (now - timedelta(hours=7, minutes=41), {}),
    }
    for metric, (due, more) in promises.items():
        start = due - timedelta(days=1)
        Clock.objects.filter(subject_id=made.pk, metric=metric).update(started_at=start, due_at=due, **more)
    return made


def draft(here: World, case: Case) -> Any:
    return here.client("associate").get(f"/cases/{case.ref}/briefs/new/").context["form"]


def answered(case: Case, late: timedelta) -> None:
    clock = Clock.objects.get(subject_id=case.pk, metric="first_response")
    Clock.objects.filter(pk=clock.pk).update(state="met", met_at=clock.due_at + late)


def test_what_is_late_and_what_was_is_told_inside_alone(here: World, case: Case) -> None:
    answered(case, timedelta(hours=3, minutes=11))
    brief = written(here, case)
    for level, told in (("full", True), ("internal", True), ("outside", False)):
        body = body_of(sheet_of(brief, level))
        assert ("met 3h 11m late, was due" in body) is told, level
        assert ("7h 41m over, was due" in body) is told, level


def test_the_next_version_says_what_became_late_since(here: World, case: Case) -> None:
    Clock.objects.filter(subject_id=case.pk, metric="resolution").update(due_at=timezone.now() + timedelta(minutes=1))
    written(here, case)
    Clock.objects.filter(subject_id=case.pk, metric="resolution").update(due_at=timezone.now() - timedelta(minutes=9))
    changed = body_of(sheet_of(written(here, case), "internal")).partition("What changed since version 1")[2]
    assert "→ 9m over, was due" in changed


def test_versions_from_before_still_read_as_they_did(here: World, case: Case) -> None:
    content = written(here, case).content
    for row in content["clocks"]:
        del row["over"], row["zone"]
    texts = {row["metric"]: clock_text(row) for row in content["clocks"]}
    assert texts["resolution"].startswith("due ")
    assert texts["first_response"].startswith("met, was due ")
    old = Brief(case=case, version=1, level="full", content=content, at=timezone.now(), by=here.users["associate"])
    assert "over, was due" not in body_of(sheet_of(old, "full"))


def test_a_deadline_by_law_is_told_by_the_clocks_of_its_jurisdiction(here: World, case: Case) -> None:
    law, received = (
        jurisdiction_with(ack=8, zone="Pacific/Honolulu"),
        datetime.fromisoformat("2025-01-06T20:30:00+00:00"),
    )
    regulate(actor=here.actor("service_lead"), ref=case.pk, jurisdiction_id=law.pk, received_at=received)
    brief = written(here, case)
    for level, told in (("full", True), ("internal", True), ("outside", False)):
        body = body_of(sheet_of(brief, level))
        assert ("was due Tue 14 Jan 2025, 23:59 Pacific/Honolulu" in body) is told, level
        assert ("Honolulu" in body) is told, level


def test_a_time_gone_by_is_not_proposed_neither_the_cases_nor_the_last_versions(here: World, case: Case) -> None:
    assert draft(here, case).initial["by"] is None
    written(here, case, by=timezone.now() - timedelta(hours=1))
    assert draft(here, case).initial["by"] is None
    ahead: datetime = timezone.now() + timedelta(hours=5)
    written(here, case, by=ahead)
    form = draft(here, case)
    assert form.initial["by"] == ahead
    assert form.fields["by"].help_text == f"Your time, {timezone.get_current_timezone_name()}."
