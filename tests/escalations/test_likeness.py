"""Which cases may be the same: by customer, by number, by words in either language; of what the reader may see."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from escalations.actions import link_cases, set_state, tell_apart
from escalations.models import Case, CaseOrigin, Service
from escalations.queries.likeness import alike, possible_duplicates
from escalations.rules.likeness import likeness, numbers, pieces
from partners.models import Site
from portal.accounts.models import Membership
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM, Actor
from tests.factories.api import Program
from tests.factories.escalations import CaseFactory, ServiceFactory, actor, associate, coordinator, hold, person
from tests.factories.partners import SiteFactory


def found(who: Actor, **asked: str) -> list[tuple[int, tuple[str, ...]]]:
    return [(hint.case.pk, hint.reasons) for hint in possible_duplicates(who, **asked)]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Refund not arrived for booking", "Refund has not arrived", True),
        ("Refund not arived", "refund NOT arrived", True),
        ("退款还没有到账", "客人说退款没有到账", True),
        ("Refund not arrived", "Noise from the street at night", False),
        ("退款还没有到账", "房间里有噪音", False),
        ("", "", False),
    ],
)
def test_likeness_of_words_in_either_language(one: str, other: str, same: bool) -> None:
    assert (likeness(pieces(one), pieces(other)) >= 0.3) is same


def test_what_looks_like_a_number() -> None:
    assert numbers("Booking BK-2026-1188 of room 12, again bk-77 and 123456") == ["BK-2026-1188", "123456"]
    assert numbers("Reimbursement missing") == []


def test_the_same_customer_whatever_the_case_of_letters(service: Service, site: Site) -> None:
    case = CaseFactory(service=service, site=site, customer_ref="Guest-77")
    CaseFactory(service=service, site=site, customer_ref="guest-78")
    assert found(coordinator(site), customer_ref=" gUEST-77 ") == [(case.pk, ("customer",))]
    assert found(coordinator(site), customer_ref="") == []


def test_the_number_of_the_source_also_out_of_the_subject(service: Service, site: Site) -> None:
    case = CaseFactory(service=service, site=site, subject="Noise")
    CaseOrigin.objects.create(case=case, source="old", external_ref="BK-20261188", content_hash="x")
    assert found(coordinator(site), external_ref="bk-20261188") == [(case.pk, ("number",))]
    assert found(coordinator(site), subject="Something else about BK-20261188") == [(case.pk, ("number",))]


@pytest.mark.parametrize("role", ["partner_lead", "partner_qa", "partner_agent"])
def test_the_number_that_a_case_had_elsewhere_is_for_those_inside(service: Service, site: Site, role: str) -> None:
    """Partner users see the case, and neither its number nor, by a hint, that it has this one; also who works elsewhere."""
    user, member = person(role, site=site), associate(service)
    case = CaseFactory(service=service, site=site, subject="Noise", customer_ref="G-1", actor=SYSTEM)
    Case.objects.filter(pk=case.pk).update(raised_by=user)
    CaseOrigin.objects.create(case=case, source="old", external_ref="BK-20261188", content_hash="x")
    asked = {"external_ref": "BK-20261188", "subject": "Something about BK-20261188"}
    assert found(actor_for(user), customer_ref="G-1") == [(case.pk, ("customer",))]
    assert found(actor_for(user), **asked) == []
    Membership.objects.create(user=user, role="coordinator", site=SiteFactory(), starts_at=timezone.now())
    assert found(actor_for(user), **asked) == []
    client = Client()
    client.force_login(user)
    page = client.get("/cases/similar/", {**asked, "customer_ref": "G-1"}).content.decode()
    assert (case.ref in page, "number" in page) == (True, False)
    assert found(actor_for(user), customer_ref="G-1", **asked) == [(case.pk, ("customer",))]
    assert found(member, **asked) == [(case.pk, ("number",))]
    body = {"subject": asked["subject"], "service": service.code, "site": site.code}
    answer = Program(user).post("/cases?possible_duplicates=true", body, key="number")
    said = (answer.status_code, answer.json().get("possible_duplicates"))
    assert said == ((422, None) if role == "partner_qa" else (201, [])), "QA raises no cases"


def test_what_no_text_can_hold_is_left_out_of_what_was_typed(service: Service) -> None:
    case = CaseFactory(service=service, subject="Locked out of the flat", actor=SYSTEM)
    client = Client()
    client.force_login(person("associate", service=service))
    page = client.get("/cases/similar/", {"subject": "Locked\0 out of the flat", "customer_ref": "\0"})
    assert case.ref in page.content.decode()


def test_similar_words_in_either_language(service: Service, site: Site) -> None:
    one = CaseFactory(service=service, site=site, subject="Refund for cancelled stay not arrived")
    two = CaseFactory(service=service, site=site, subject="客人的退款还没有到账")
    CaseFactory(service=service, site=site, subject="Door code does not work")
    who = coordinator(site)
    assert found(who, subject="Refund for canceled stay has not arrived") == [(one.pk, ("words",))]
    assert found(who, subject="退款没有到账") == [(two.pk, ("words",))]
    # Where no word of it stands anywhere, one that is like it does.
    assert found(who, subject="Refnud cancellled stya") == [(one.pk, ("words",))]
    assert found(who, subject="\x00 % _ ' \" & | ! :*") == []


def test_several_reasons_stand_first_and_there_are_five_at_most(service: Service, site: Site) -> None:
    for _ in range(7):
        CaseFactory(service=service, site=site, subject="Refund not arrived")
    both = CaseFactory(service=service, site=site, subject="Refund not arrived yet", customer_ref="G-1")
    hints = found(coordinator(site), subject="Refund not arrived", customer_ref="G-1")
    assert hints[0] == (both.pk, ("customer", "words"))
    assert len(hints) == 5


def test_what_was_solved_long_ago_merged_or_rejected_is_left_out(service: Service, site: Site) -> None:
    old, late, gone = (CaseFactory(service=service, site=site, customer_ref="G-1") for _ in range(3))
    for case in (old, late):
        set_state(actor=SYSTEM, ref=case.pk, verb="resolve")
    Case.objects.filter(pk=old.pk).update(resolved_at=timezone.now() - timedelta(days=31))
    set_state(actor=SYSTEM, ref=gone.pk, verb="reject", reject_reason="spam")
    assert [pk for pk, _why in found(coordinator(site), customer_ref="G-1")] == [late.pk]


@pytest.mark.parametrize("sensitivity", ["confidential", "restricted"])
def test_what_is_out_of_sight_is_no_hint(service: Service, site: Site, sensitivity: str) -> None:
    hidden = CaseFactory(
        service=service, site=site, subject="Refund not arrived", customer_ref="G-1", sensitivity=sensitivity
    )
    CaseOrigin.objects.create(case=hidden, source="old", external_ref="BK-20261188", content_hash="x")
    asked = {"subject": "Refund not arrived", "customer_ref": "G-1", "external_ref": "BK-20261188"}
    member = associate(service)
    if sensitivity == "restricted":
        assert found(member, **asked) == []
        hold(hidden, member)
    assert found(member, **asked) == [(hidden.pk, ("number", "customer", "words"))]
    for outsider in (coordinator(site), associate(ServiceFactory()), actor("partner_lead", site=site)):
        assert found(outsider, **asked) == []
    assert found(coordinator(SiteFactory()), **asked) == []


def test_a_case_is_not_alike_to_itself_nor_to_what_somebody_settled(service: Service, site: Site) -> None:
    one, linked, apart, left = (
        CaseFactory(service=service, site=site, subject="Refund not arrived", customer_ref="G-1") for _ in range(4)
    )
    who = coordinator(site)
    link_cases(actor=who, ref=one.ref, other=linked.ref, said="related")
    tell_apart(actor=who, ref=apart.ref, other=one.ref)
    assert [(hint.case.pk, hint.reasons) for hint in alike(who, one)] == [(left.pk, ("customer", "words"))]
    assert apart.pk in {hint.case.pk for hint in alike(who, left)}


def test_as_many_queries_for_many_as_for_one(
    service: Service, site: Site, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    who = coordinator(site)
    for _ in range(12):
        CaseFactory(service=service, site=site, subject="Refund not arrived", customer_ref="G-1")
    with django_assert_max_num_queries(11):
        assert len(found(who, subject="Refund not arrived", customer_ref="G-1", external_ref="X")) == 5
