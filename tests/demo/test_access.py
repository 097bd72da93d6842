"""Access in the demo: something in every state, people at work, approvals that wait for the printed logins."""

from datetime import timedelta

import pytest
from django.utils import timezone

from access_requests import queries
from access_requests.choices import ItemState, RequestKind, TroubleState, Verdict
from access_requests.models import AccessRequest, Decision, Grant, Incident, RequestItem, TriedCheck, TroubleReport
from access_requests.queries.catalogue import seats, systems_visible_to
from portal.accounts.models import Delegation, User
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM
from portal.demo import actions

pytestmark = pytest.mark.django_db


def test_the_demo_holds_access_in_every_state() -> None:
    actions.build_demo(cases=0, days=0, processes=1)
    # Submitted is passed through within one step: nothing rests there.
    assert set(RequestItem.objects.values_list("state", flat=True)) == set(ItemState.values) - {ItemState.SUBMITTED}
    assert set(AccessRequest.objects.values_list("kind", flat=True)) == set(RequestKind.values)
    assert set(Decision.objects.filter(decided_by__isnull=False).values_list("verdict", flat=True)) == set(
        Verdict.values
    )
    going, over = Incident.objects.get(closed_at=None), Incident.objects.get(closed_at__isnull=False)
    assert (going.members.count(), over.members.count()) == (6, 5)
    assert len(set(going.members.values_list("person", "site"))) == 6
    assert timezone.now() - timedelta(days=2) < over.opened_at < over.closed_at < timezone.now()
    alone = TroubleReport.objects.filter(incident=None)
    assert set(alone.values_list("state", flat=True)) == set(TroubleState.values)
    assert TriedCheck.objects.exclude(text_zh="").filter(report__system__code="vpn").count() == 6
    systems = list(systems_visible_to(SYSTEM).values_list("pk", flat=True))
    assert len(systems) == 12
    assert max(seats(SYSTEM, systems).values()) > 200
    assert Grant.objects.filter(ended_at=None, started_at__lt=timezone.now() - timedelta(days=29)).exists()
    assert RequestItem.objects.filter(request__first_shift_at__gt=timezone.now()).exists()
    manager = actor_for(User.objects.get(email="manager@demo.example"))
    assert queries.items_visible_to(manager).filter(state=ItemState.AWAITING_APPROVAL).count() > 5
    assert Delegation.objects.filter(principal=manager.user_id).exists()
    # Nothing fails but what IT failed: the seats are enough.
    assert RequestItem.objects.filter(state=ItemState.FAILED_FINAL, failure="no_seat").count() == 0
    before = RequestItem.objects.count()
    actions.build_demo(cases=0, days=0, processes=1)
    assert RequestItem.objects.count() == before
