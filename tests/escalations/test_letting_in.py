"""Who was asked about a case, or whose service was offered it, reads that case and no other, as long as that is open."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import Http404
from django.utils import timezone

from escalations import access, queries, rules
from escalations.models import Case, Consult, Service, TimelineEntry
from escalations.queries.consults import count_for
from partners.models import Site
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM, Actor
from tests.factories.escalations import CaseFactory, ServiceFactory, associate, coordinator, person
from tests.factories.handing import ConsultFactory, HandoverFactory
from tests.factories.partners import SiteFactory

pytestmark = pytest.mark.django_db


def sees(someone: Actor, case: Case) -> bool:
    """What the list says; fetching, the rules, the stream and messages must say the same."""
    visible = queries.visible_to(someone).filter(pk=case.pk).exists()
    for locked in (False, True):
        try:
            found = access.get_case(someone, case.pk, for_update=locked)
        except Http404:
            assert not visible
        else:
            assert visible
            assert rules.can_see_internal(someone, queries.facts_of(someone, found)).ok
    pairs, _cases = queries.seeing_pairs({(someone.user_id or 0, case.pk)}, timezone.now(), inside=True)
    assert bool(pairs) is visible
    return visible


@pytest.fixture
def stranger(db: None) -> User:
    """An associate of another service."""
    return person("associate", service=ServiceFactory())


def test_a_question_opens_its_case_until_it_is_settled(service: Service, site: Site, stranger: User) -> None:
    case, other = CaseFactory(service=service, site=site), CaseFactory(service=service, site=site)
    asked = actor_for(stranger)
    assert not sees(asked, case)
    consult = ConsultFactory(case=case, to_user=stranger)
    assert sees(asked, case)
    assert not sees(asked, other)
    assert not sees(associate(ServiceFactory()), case)
    Consult.objects.filter(pk=consult.pk).update(state="withdrawn", settled_at=timezone.now())
    assert not sees(asked, case)


@pytest.mark.parametrize(
    ("opens", "shown"),
    [("", set()), ("standard", {"standard"}), ("confidential", {"standard", "confidential"})],
)
def test_a_question_opens_no_more_than_it_was_asked_for(
    service: Service, site: Site, stranger: User, opens: str, shown: set[str]
) -> None:
    case = CaseFactory(service=service, site=site)
    ConsultFactory(case=case, to_user=stranger, opens=opens)
    for level in ("standard", "confidential", "restricted"):
        Case.objects.filter(pk=case.pk).update(sensitivity=level)
        case.refresh_from_db()
        assert sees(actor_for(stranger), case) is (level in shown)


@pytest.mark.parametrize("state", ["closed", "rejected"])
def test_an_ended_case_is_open_to_nobody_who_was_asked(
    service: Service, site: Site, stranger: User, state: str
) -> None:
    case = CaseFactory(service=service, site=site)
    ConsultFactory(case=case, to_user=stranger)
    changes: dict[str, Any] = {"resolved_at": timezone.now()} if state == "closed" else {"reject_reason": "spam"}
    Case.objects.filter(pk=case.pk).update(state=state, **changes)
    assert not sees(actor_for(stranger), case)


def test_an_offer_opens_a_standard_case_to_the_service_that_it_goes_to(service: Service, site: Site) -> None:
    other = ServiceFactory()
    case, member = CaseFactory(service=service, site=site), associate(other)
    offer = HandoverFactory(case=case, to_service=other)
    assert sees(member, case)
    assert not sees(associate(ServiceFactory()), case)
    for level in ("confidential", "restricted"):
        Case.objects.filter(pk=case.pk).update(sensitivity=level)
        case.refresh_from_db()
        assert not sees(member, case)
    Case.objects.filter(pk=case.pk).update(sensitivity="standard")
    offer.state, offer.settled_at, offer.settled_by = "taken_back", timezone.now(), offer.given_by
    offer.save()
    case.refresh_from_db()
    assert not sees(member, case)


def test_partner_users_are_never_let_in(service: Service, site: Site) -> None:
    agent = person("partner_agent", site=site)
    case = CaseFactory(service=service, site=site)
    ConsultFactory(case=case, to_user=agent)
    assert not sees(actor_for(agent), case)


def test_who_was_let_in_reads_and_may_do_nothing_else(service: Service, site: Site, stranger: User) -> None:
    case = CaseFactory(service=service, site=site)
    ConsultFactory(case=case, to_user=stranger)
    someone, now = actor_for(stranger), timezone.now()
    rights = queries.case_rights(someone, access.get_case(someone, case.pk), now)
    allowed = {name for name in rights.__slots__ if getattr(rights, name)}
    assert allowed == {"sees_internal"}
    assert rules.may_work(someone, queries.facts_of(someone, case)) == rules.Denied("only_to_read")
    assert rules.can_assign(someone, queries.facts_of(someone, case), someone.user_id) == rules.Denied("only_to_read")


def test_a_scope_takes_no_more_queries_than_before(
    service: Service, stranger: User, django_assert_num_queries: Any
) -> None:
    ConsultFactory(case=CaseFactory(service=service), to_user=stranger)
    someone = actor_for(stranger)
    with django_assert_num_queries(1):
        assert len(queries.scope_of(someone).let_in) == 1
    with django_assert_num_queries(0):
        queries.scope_of(SYSTEM)


def test_questions_asked_of_somebody_are_those_of_cases_in_their_sight(
    service: Service, site: Site, stranger: User, django_assert_max_num_queries: Any
) -> None:
    now = timezone.now()
    late = ConsultFactory(case=CaseFactory(service=service), to_user=stranger, due_at=now + timedelta(hours=3))
    soon = ConsultFactory(case=CaseFactory(service=service), to_user=stranger, due_at=now + timedelta(hours=1))
    hidden = CaseFactory(service=service, sensitivity="restricted")
    ConsultFactory(case=hidden, to_user=stranger)
    ConsultFactory(case=CaseFactory(service=service), to_user=person("associate", service=service))
    someone = actor_for(stranger)
    with django_assert_max_num_queries(3):
        found = queries.consults_for(someone)
        assert [one.pk for one in found] == [soon.pk, late.pk]
        assert found[0].question.body.text
        assert found[0].asked_by.name
        assert found[0].case.ref
    assert [one.pk for one in queries.consults_for(someone, now, now + timedelta(hours=2))] == [soon.pk]
    with django_assert_max_num_queries(3):
        assert count_for(someone) == 2
    assert queries.consults_for(coordinator(SiteFactory())) == []


def test_a_question_lets_nobody_into_what_was_merged_into_its_case(
    service: Service, site: Site, stranger: User
) -> None:
    case, source = CaseFactory(service=service, site=site), CaseFactory(service=service, site=site)
    Case.objects.filter(pk=source.pk).update(state="merged", merged_into=case)
    ConsultFactory(case=case, to_user=stranger)
    someone = actor_for(stranger)
    shown = queries.entries_visible_to(someone, access.get_case(someone, case.pk))
    assert set(shown.values_list("case_id", flat=True)) == {case.pk}
    assert TimelineEntry.objects.filter(case=source).exists()
