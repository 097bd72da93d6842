"""Who holds both sides of a conflict rule: the same people are found whichever way the database goes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from access_requests.models import Grant, SodException
from access_requests.queries import clashing
from access_requests.queries.matrix import MatrixFilter, people_in
from portal.accounts.rules import SYSTEM
from tests.access_requests.readiness_world import Wave, wave
from tests.factories.access import SodRuleFactory
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Wave:
    return wave()


@pytest.mark.parametrize(("most", "large"), [(1000, 1000), (0, 1000), (1000, 1), (0, 1)])
@pytest.mark.parametrize("turned", [False, True])
def test_whoever_holds_both_sides_is_found(
    made: Wave, monkeypatch: pytest.MonkeyPatch, most: int, large: int, turned: bool
) -> None:
    monkeypatch.setattr(clashing, "MOST", most)
    monkeypatch.setattr(clashing, "LARGE", large)
    left, right = sorted((made.desk, made.phone), key=lambda one: one.pk)
    rule = SodRuleFactory.create(left=left, right=right)
    few, many = (left, right) if turned else (right, left)
    both, excused, was, before = (made.joiner(name, -50) for name in ("Both", "Excused", "Was excused", "Before"))
    for person in (both, excused, was, before):
        made.give(person, few, many)
    made.give(made.joiner("One", -50), many)
    now = timezone.now()
    asked, granted = UserFactory.create(), UserFactory.create()
    for person, ends in ((excused, now + timedelta(1)), (was, now - timedelta(1))):
        SodException.objects.create(
            rule=rule, person=person, reason="Cover", requested_by=asked, approved_by=granted,
            starts_at=now - timedelta(2), ends_at=ends,
        )  # fmt: skip
    held = Grant.objects.filter(person=before, entitlement=few)
    for one in held:
        one.reasons.update(ended_at=now)
    held.update(ended_at=now)
    found = people_in(SYSTEM, MatrixFilter(state="conflict"))
    assert {one.name for one in found} == {"Both", "Was excused"}
    rule.archived_at = now
    rule.save()
    assert not people_in(SYSTEM, MatrixFilter(state="conflict")).exists()
