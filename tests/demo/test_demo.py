"""The invented tenant: built through the actions, whole, once, and going on where it was stopped."""

import io

import pytest
from django.core.management import call_command

from escalations.models import Case
from portal.accounts.models import Membership, User
from portal.demo import actions, cases
from portal.demo.people import LOGINS, PASSWORD
from sla.models import ClockEvent


@pytest.mark.django_db
def test_every_goal_can_be_built_and_a_second_build_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    # Every tenth case is restricted here, so that the rare kind is among the few that are built.
    monkeypatch.setattr(cases, "RESTRICTED_SHARE", 0.1)
    actions.build_demo(cases=40, processes=1)
    assert Case.objects.count() == 40
    assert set(Case.objects.values_list("sensitivity", flat=True)) == {"standard", "confidential", "restricted"}
    assert {"closed", "resolved", "in_progress"} <= set(Case.objects.values_list("state", flat=True))
    assert User.objects.filter(email__in=[email for _role, email in LOGINS]).count() == len(LOGINS)
    before = (ClockEvent.objects.count(), Membership.objects.count())
    actions.build_demo(cases=40, processes=1)
    assert (ClockEvent.objects.count(), Membership.objects.count()) == before
    actions.build_demo(cases=42, processes=1)
    assert Case.objects.count() == 42


@pytest.mark.django_db
def test_the_logins_that_are_printed_work() -> None:
    actions.build_demo(cases=0, processes=1)
    out = io.StringIO()
    call_command("demo_logins", stdout=out)
    assert PASSWORD in out.getvalue()
    for role, email in LOGINS:
        user = User.objects.get(email=email)
        assert user.check_password(PASSWORD)
        assert user.memberships.filter(role=role).exists()
        assert email in out.getvalue()
