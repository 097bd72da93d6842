"""Several people linking, splitting and merging the same cases at the same moment; for real, on a database of its own."""

import pytest

from escalations.actions import Part, link_cases, log_contact, merge, redact_entry, split, tell_apart, unlink
from escalations.models import CarriedEntry, Case, CaseDifference, CaseLink, Service
from partners.models import Site
from portal.accounts.rules import SYSTEM
from tests.databases import Database
from tests.factories.escalations import CaseFactory, ServiceFactory, associate, coordinator, open_policy
from tests.factories.partners import SiteFactory
from tests.together import at_once

pytestmark = pytest.mark.processes


@pytest.fixture
def place(fresh_database: Database) -> tuple[Service, Site]:
    open_policy()
    return ServiceFactory(), SiteFactory()


def test_the_same_link_from_both_sides_stands_once(place: tuple[Service, Site]) -> None:
    service, site = place
    one, two = coordinator(site), associate(service)
    for _ in range(8):
        a, b = CaseFactory(service=service, site=site), CaseFactory(service=service, site=site)
        results = at_once(
            lambda a=a, b=b: link_cases(actor=one, ref=a.ref, other=b.ref, said="related"),
            lambda a=a, b=b: link_cases(actor=two, ref=b.ref, other=a.ref, said="duplicate"),
        )
        assert sorted(results) == ["Refused", "done"]
        link = CaseLink.objects.get(case_a=a, case_b=b)
        assert [case.entries.filter(kind="link").count() for case in (a, b)] == [1, 1]
        results = at_once(
            lambda a=a, link=link: unlink(actor=one, ref=a.ref, link_id=link.pk),
            lambda b=b, link=link: unlink(actor=two, ref=b.ref, link_id=link.pk),
        )
        assert sorted(results) == ["Refused", "done"]
        assert [case.entries.filter(kind="link").count() for case in (a, b)] == [2, 2]


def test_told_apart_by_two_is_told_apart_once(place: tuple[Service, Site]) -> None:
    service, site = place
    one, two = coordinator(site), associate(service)
    a, b = CaseFactory(service=service, site=site), CaseFactory(service=service, site=site)
    results = at_once(
        lambda: tell_apart(actor=one, ref=a.ref, other=b.ref), lambda: tell_apart(actor=two, ref=b.ref, other=a.ref)
    )
    assert results == ["done", "done"]
    assert CaseDifference.objects.count() == 1


def _wrote(case: Case) -> int:
    entry = log_contact(
        actor=SYSTEM, ref=case.pk, channel="email", direction="in", outcome="received", text="Two things"
    )
    return entry.pk


def _part(case: Case) -> Part:
    return Part(subject="The other thing", service_id=case.service_id, impact="minor", urgency="week")


def test_two_who_split_the_same_message_make_one_case(place: tuple[Service, Site]) -> None:
    service, site = place
    one, two = coordinator(site), associate(service)
    for _ in range(5):
        case = CaseFactory(service=service, site=site)
        entry = _wrote(case)
        version = Case.objects.get(pk=case.pk).version
        results = at_once(
            *(
                lambda who=who, case=case, entry=entry, version=version: split(
                    actor=who, ref=case.ref, entry_ids=[entry], part=_part(case), expected_version=version
                )
                for who in (one, two)
            )
        )
        assert sorted(results) == ["Stale", "done"]
        assert CarriedEntry.objects.filter(entry=entry).count() == 1
        assert case.entries.filter(code="link.split_into").count() == 1


def test_a_split_comes_before_a_merge_or_not_at_all(place: tuple[Service, Site]) -> None:
    service, site = place
    one, two = coordinator(site), associate(service)
    for _ in range(5):
        case, target = CaseFactory(service=service, site=site), CaseFactory(service=service, site=site)
        entry = _wrote(case)
        results = at_once(
            lambda case=case, entry=entry: split(actor=one, ref=case.ref, entry_ids=[entry], part=_part(case)),
            lambda case=case, target=target: merge(actor=two, source=case.ref, target=target.ref, reason="x"),
            lambda case=case, entry=entry: redact_entry(actor=one, ref=case.ref, entry_id=entry),
        )
        assert results[1:] == ["done", "done"]
        assert CarriedEntry.objects.filter(entry=entry).count() == (results[0] == "done")
        codes = list(case.entries.order_by("recorded_at", "pk").values_list("code", flat=True))
        if results[0] == "done":
            assert codes.index("link.split_into") < codes.index("link.merged_into")
