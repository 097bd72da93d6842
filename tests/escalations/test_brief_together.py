"""Two people who write at the same time, for real: each version once, in turn, and nobody writes over what they did not see."""

import pytest

from escalations.actions import Writing, write_brief
from escalations.models import Brief, TimelineEntry
from tests.databases import Database
from tests.factories.escalations import CaseFactory, ServiceFactory, associate, coordinator, open_policy
from tests.factories.partners import SiteFactory
from tests.together import at_once

pytestmark = pytest.mark.processes


def test_two_who_write_at_once(fresh_database: Database) -> None:
    assert fresh_database
    open_policy()
    service, site = ServiceFactory(), SiteFactory()
    one, two = coordinator(site), associate(service)
    writing = Writing("en", situation="A guest is locked out.")
    for _ in range(5):
        case = CaseFactory(service=service, site=site)
        seen = [lambda who=who, case=case: write_brief(actor=who, ref=case.ref, writing=writing, after=0) for who in (one, two)]  # fmt: skip
        assert sorted(at_once(*seen)) == ["Refused", "done"]
        unseen = [
            lambda who=who, case=case: write_brief(actor=who, ref=case.ref, writing=writing) for who in (one, two)
        ]
        assert at_once(*unseen) == ["done", "done"]
        assert list(Brief.objects.filter(case=case).order_by("pk").values_list("version", flat=True)) == [1, 2, 3]
        assert TimelineEntry.objects.filter(case=case, code="brief.made").count() == 3
