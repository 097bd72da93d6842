"""Shifts handed over at the same time, for real: a case goes once, a form sent twice is one, a cap holds, nobody waits for good."""

from uuid import uuid4

import pytest

from escalations.actions import HandLine, assign, give_unowned, hand_over_shift
from escalations.models import Case, ShiftHandover, ShiftLine, TimelineEntry
from escalations.queries.assigning import loads_of
from portal.notifications.models import Notification
from tests.databases import Database
from tests.factories.assigning import always_on, takes
from tests.factories.escalations import CaseFactory, ServiceFactory, associate, open_policy
from tests.factories.partners import SiteFactory
from tests.together import at_once

pytestmark = pytest.mark.processes


def test_two_who_hand_over_to_one_while_others_give_and_assign(fresh_database: Database) -> None:
    assert fresh_database
    open_policy()
    service, site = ServiceFactory(gives_cases=True), SiteFactory()
    one, two, taker, lead = (associate(service, lead=index == 3) for index in range(4))
    always_on(taker.user_id)
    takes(taker.user_id, cap=8)
    first, second = ([CaseFactory(service=service, site=site, severity=3) for _ in range(3)] for _ in range(2))
    for owner, cases in ((one, first), (two, second)):
        Case.objects.filter(pk__in=[case.pk for case in cases]).update(owner=owner.user_id)
    for _ in range(3):
        CaseFactory(service=service, site=site, severity=3)
    key, to = uuid4(), taker.user_id or 0
    lines = [HandLine(case.pk, "moves", "x") for case in reversed(first)]
    others = [HandLine(case.pk, "moves", "y") for case in second]
    results = at_once(
        lambda: hand_over_shift(actor=one, taker_id=to, lines=lines, key=key),
        lambda: hand_over_shift(actor=one, taker_id=to, lines=lines, key=key),
        lambda: hand_over_shift(actor=two, taker_id=to, lines=others, key=uuid4()),
        lambda: assign(actor=lead, ref=first[0].pk, owner_id=lead.user_id),
        give_unowned,
    )
    assert set(results) <= {"done", "Refused"}
    assert loads_of([to]).get(to, 0) <= 8, "never above the cap"
    assert ShiftHandover.objects.filter(giver=one.user_id).count() <= 1
    handed = ShiftHandover.objects.count()
    assert Notification.objects.filter(recipient=to, kind="case.shift").count() == handed
    for line in ShiftLine.objects.filter(way="moves"):
        assert TimelineEntry.objects.filter(case=line.case_id, code="shift.moved").count() == 1
    moved = TimelineEntry.objects.filter(code="shift.moved").count()
    assert moved == ShiftLine.objects.filter(way="moves").count()
    # Without a rival each of the two makes it: what was refused was refused for the cap alone.
    assert handed >= 1 or loads_of([to])[to] >= 6
