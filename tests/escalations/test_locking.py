"""Whoever waited for a case reads it as it is now: with the service, the issue type and the cases it got meanwhile."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from escalations.access import get_case
from escalations.actions import Refused, change_details, change_service, merge, set_state
from escalations.models import Case
from tests.databases import Database
from tests.escalations.test_merging_together import waited_for
from tests.factories.escalations import CaseFactory, IssueTypeFactory, ServiceFactory, coordinator
from tests.factories.partners import SiteFactory
from tests.factories.playbooks import published, step

pytestmark = pytest.mark.processes


def after_waiting[T](first: Callable[[], object], then: Callable[[], T], case: Case) -> T:
    """What somebody gets who asked for the case while the first act was under way."""
    begun, found = threading.Event(), list[T]()

    def acting() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM escalations_case WHERE id = %s FOR NO KEY UPDATE", [case.pk])
                first()
                begun.set()
                while not waited_for(cursor) and waiter.is_alive():
                    pass
        finally:
            connection.close()

    def waiting() -> None:
        try:
            begun.wait(30)
            with transaction.atomic():
                found.append(then())
        finally:
            connection.close()

    waiter = threading.Thread(target=waiting)
    actor = threading.Thread(target=acting)
    waiter.start()
    actor.start()
    actor.join()
    waiter.join()
    return found[0]


def test_a_case_that_went_to_another_service_meanwhile_is_found_there(fresh_database: Database) -> None:
    assert fresh_database
    site, other = SiteFactory(), ServiceFactory()
    case = CaseFactory(service=ServiceFactory(), site=site)
    one, two = coordinator(site), coordinator(site)
    found = after_waiting(
        lambda: change_service(actor=one, ref=case.ref, service_id=other.pk),
        lambda: get_case(two, case.ref, for_update=True),
        case,
    )
    assert (found.service_id, found.service) == (other.pk, other)


def test_steps_of_an_issue_type_that_was_corrected_meanwhile_block(fresh_database: Database) -> None:
    assert fresh_database
    site, kind = SiteFactory(), IssueTypeFactory()
    published(step("ask", required=True), issue_type=kind)
    case = CaseFactory(service=ServiceFactory(), site=site, subject="Locked out")
    one, two = coordinator(site), coordinator(site)

    def resolving() -> str:
        with pytest.raises(Refused) as refused:
            set_state(actor=two, ref=case.ref, verb="resolve")
        return refused.value.code

    code = after_waiting(
        lambda: change_details(actor=one, ref=case.ref, subject="Locked out", issue_type_id=kind.pk), resolving, case
    )
    assert code == "step_open"
    case.refresh_from_db()
    assert case.state == "new"


def test_what_was_merged_into_the_case_meanwhile_is_known(fresh_database: Database) -> None:
    assert fresh_database
    service, site = ServiceFactory(), SiteFactory()
    source, case = CaseFactory(service=service, site=site), CaseFactory(service=service, site=site)
    one, two = coordinator(site), coordinator(site)
    found = after_waiting(
        lambda: merge(actor=one, source=source.ref, target=case.ref, reason="The same guest"),
        lambda: get_case(two, case.ref, for_update=True),
        case,
    )
    assert getattr(found, "took_in", None) is True
