"""The invented tenant: built through the actions, whole, once, and going on where it was stopped."""

import io

import pytest
from django.core.management import call_command
from django.utils import timezone

from escalations.choices import State
from escalations.models import Case, Regulation
from portal.accounts.models import Membership, User
from portal.demo import actions, cases
from portal.demo.law import EVERY
from portal.demo.people import LOGINS, PASSWORD
from sla.models import ClockEvent


@pytest.mark.django_db
def test_every_goal_can_be_built_and_a_second_build_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    # Every tenth case is restricted here, so that the rare kind is among the few that are built.
    monkeypatch.setattr(cases, "RESTRICTED_SHARE", 0.1)
    actions.build_demo(cases=40, days=0, processes=1)
    assert _raised_once() == 40
    assert set(Case.objects.values_list("sensitivity", flat=True)) == {"standard", "confidential", "restricted"}
    assert {"closed", "resolved", "in_progress"} <= set(Case.objects.values_list("state", flat=True))
    assert User.objects.filter(email__in=[email for _role, email in LOGINS]).count() == len(LOGINS)
    before = (ClockEvent.objects.count(), Membership.objects.count())
    actions.build_demo(cases=40, days=0, processes=1)
    assert (ClockEvent.objects.count(), Membership.objects.count()) == before
    actions.build_demo(cases=42, days=0, processes=1)
    assert _raised_once() == 42


def _raised_once() -> int:
    """How many matters there are: one that was raised twice has two cases."""
    return Case.objects.exclude(state="merged").count()


@pytest.mark.django_db
def test_the_demo_holds_a_case_in_every_state(monkeypatch: pytest.MonkeyPatch) -> None:
    # Each goal as often as any other, so that the rare ones are among the few that are built.
    monkeypatch.setattr(cases, "GOALS", {name: (1, low, high) for name, (_weight, low, high) in cases.GOALS.items()})
    actions.build_demo(cases=60, days=0, processes=1)
    assert set(Case.objects.values_list("state", flat=True)) == set(State.values)
    twin = Case.objects.filter(state="merged").select_related("merged_into").first()
    assert twin is not None
    assert twin.merged_into is not None
    assert twin.merged_into.customer_ref == twin.customer_ref
    assert twin.opened_at > twin.merged_into.opened_at


@pytest.mark.django_db
def test_the_logins_that_are_printed_work() -> None:
    actions.build_demo(cases=0, days=0, processes=1)
    out = io.StringIO()
    call_command("demo_logins", stdout=out)
    assert PASSWORD in out.getvalue()
    for role, email in LOGINS:
        user = User.objects.get(email=email)
        assert user.check_password(PASSWORD)
        assert user.memberships.filter(role=role).exists()
        assert email in out.getvalue()


@pytest.mark.django_db
def test_open_cases_are_complaints_under_both_laws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "GOALS", {"in_progress": (1, 3 * 24 * 60, 4 * 24 * 60)})
    now = timezone.now()
    for number in (0, EVERY):
        actions.build_chunk([number], now)
    marked = Regulation.objects.order_by("complaint_ref")
    assert [one.jurisdiction.code for one in marked] == ["pt", "cn"]
    assert [[deadline.duty for deadline in one.deadlines.order_by("pk")] for one in marked] == [
        ["statutory_interim", "statutory_final"],
        ["statutory_ack"],
    ]
