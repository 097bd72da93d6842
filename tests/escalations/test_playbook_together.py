"""Two people at the steps of one case at the same time; for real, on a database of its own."""

import pytest

from escalations.actions import mark_step, set_state
from escalations.models import CasePlaybook, PlaybookVersion, StepEvent
from partners.models import Site
from tests.databases import Database
from tests.factories.escalations import CaseFactory, ServiceFactory, associate, coordinator, open_policy
from tests.factories.partners import SiteFactory
from tests.factories.playbooks import published, step
from tests.together import at_once

pytestmark = pytest.mark.processes


@pytest.fixture
def site(fresh_database: Database) -> Site:
    open_policy()
    published(step("call"), step("lock", required=False))
    return SiteFactory()


def test_who_ticks_second_is_told_and_the_step_is_done_once(site: Site) -> None:
    service = ServiceFactory()
    one, two = coordinator(site), associate(service)
    seen = (0, PlaybookVersion.objects.get().pk)
    for _ in range(5):
        case = CaseFactory(service=service, site=site)
        results = at_once(
            lambda case=case: mark_step(actor=one, ref=case.ref, step="call", what="done", seen=seen),
            lambda case=case: mark_step(actor=two, ref=case.ref, step="call", what="done", seen=seen),
        )
        assert sorted(results) == ["Stale", "done"]
        assert StepEvent.objects.filter(followed__case=case).count() == 1
        assert CasePlaybook.objects.filter(case=case).count() == 1
        assert case.entries.filter(code="step.done").count() == 1


def test_two_steps_at_once_are_both_done_in_one_run(site: Site) -> None:
    service = ServiceFactory()
    one, two = coordinator(site), associate(service)
    for _ in range(5):
        case = CaseFactory(service=service, site=site)
        results = at_once(
            lambda case=case: mark_step(actor=one, ref=case.ref, step="call", what="done"),
            lambda case=case: mark_step(actor=two, ref=case.ref, step="lock", what="done"),
        )
        assert results == ["done", "done"]
        assert CasePlaybook.objects.filter(case=case).count() == 1


def test_resolving_while_the_step_is_opened_again_leaves_no_open_step_behind(site: Site) -> None:
    service = ServiceFactory()
    one, two = coordinator(site), associate(service)
    for _ in range(5):
        case = CaseFactory(service=service, site=site)
        mark_step(actor=one, ref=case.ref, step="call", what="done")
        results = at_once(
            lambda case=case: set_state(actor=one, ref=case.ref, verb="resolve"),
            lambda case=case: mark_step(actor=two, ref=case.ref, step="call", what="undone"),
        )
        assert sorted(results) == ["Refused", "done"]
        case.refresh_from_db()
        undone = StepEvent.objects.filter(followed__case=case, what="undone").exists()
        assert (case.state == "resolved") is not undone
