"""Workers and people giving at the same time, for real: no case twice, nobody above their cap."""

import pytest
from django.db.models import Sum

from escalations.actions import give_next, give_unowned, take_next
from escalations.models import Case, Giving, Service
from escalations.queries.assigning import loads_of
from tests.databases import Database
from tests.factories.assigning import always_on, takes
from tests.factories.escalations import CaseFactory, ServiceFactory, associate, coordinator, open_policy
from tests.factories.partners import SiteFactory
from tests.together import at_once

pytestmark = pytest.mark.processes


def test_two_workers_and_two_people_give_each_case_once_and_never_above_a_cap(fresh_database: Database) -> None:
    assert fresh_database
    open_policy()
    service, site = ServiceFactory(gives_cases=True), SiteFactory()
    staff = [associate(service) for _ in range(3)]
    for one in staff:
        always_on(one.user_id)
        takes(one.user_id, cap=9)
    cases = [CaseFactory(service=service, site=site, severity=3) for _ in range(14)]
    dispatcher = coordinator(site)
    results = at_once(
        give_unowned,
        give_unowned,
        lambda: give_next(actor=dispatcher, ref=cases[0].ref),
        lambda: take_next(actor=staff[0]),
    )
    assert results[:2] == ["done", "done"]
    give_unowned()  # what a worker left to another that counted at that moment comes with the next tick
    assert Case.objects.exclude(owner=None).count() == 12, "four of weight two each, and one of nine is left over"
    assert set(loads_of([one.user_id for one in staff if one.user_id]).values()) == {8}
    assert give_unowned() == 0
    held = Case.objects.exclude(owner=None).values_list("pk", flat=True)
    newest = {row.case_id: row.user_id for row in Giving.objects.order_by("pk")}
    assert newest == dict(Case.objects.filter(pk__in=held).values_list("pk", "owner_id"))
    assert Service.objects.get().gives_cases
    assert Giving.objects.aggregate(total=Sum("weight"))["total"] >= 24
