"""Somebody of the company who sees a case as a partner user only reads nothing there that is internal."""

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from escalations import queries
from escalations.actions import HandLine, add_note, hand_over_shift
from escalations.models import Case, Consult, Service
from escalations.notices import cases_inside
from escalations.queries import consults, handing, mentions, shifts
from partners.models import Site
from portal.accounts.models import Membership, User
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM, Actor
from portal.notifications.models import Notification
from tests.factories.escalations import CaseFactory, associate, person
from tests.factories.handing import ConsultFactory, HandoverFactory
from tests.factories.partners import SiteFactory

pytestmark = pytest.mark.django_db


def read_of(someone: Actor, case: Case) -> dict[str, int]:
    """How much of each internal thing about a case somebody's lists and counts have."""
    [shift] = shifts.handovers_of(someone)
    return {
        "asked": len(consults.consults_asked_of(someone)),
        "to answer": len(queries.consults_for(someone)),
        "to answer, counted": consults.count_for(someone),
        "asks": len(consults.consults_by(someone)),
        "offered": len(handing.offers_to(someone)),
        "offers counted": handing.count_offered(someone),
        "offers": len(handing.offers_by(someone)),
        "named": len(mentions.mentions_of(someone, None).items),
        "newly named": mentions.unread_mentions(someone),
        "on this case": len(mentions.cases_naming(someone, [case.pk])),
        "told": len(cases_inside(someone, [Notification(subject_ids=[case.pk])])),
        "lines": len(shifts.lines_seen_by(someone, shift)),
        "lines to take": shifts.lines_to_take(someone).count(),
        "lines counted": getattr(shift, "handed", -1),
    }


def written_about(case: Case, who: User, mate: Actor) -> None:
    """All that is internal and reaches somebody: named, asked, asking, offered, offering, handed over."""
    add_note(actor=mate, ref=case.pk, text=f"@{who.name} look", shared=False)
    ConsultFactory(case=case, to_user=who)
    ConsultFactory(case=case, to_user=person("associate", service=case.service), asked_by=who)
    HandoverFactory(case=case, to_user=who)
    Case.objects.filter(pk=case.pk).update(owner=mate.user_id)
    line = HandLine(case.pk, "watches", "They are ill")
    hand_over_shift(actor=mate, taker_id=who.pk, lines=[line], key=uuid4())


def test_what_is_internal_goes_with_the_role_that_showed_it(service: Service, site: Site) -> None:
    mate, who = associate(service), person("associate", service=service)
    case = CaseFactory(service=service, site=site)
    written_about(case, who, mate)
    given = HandoverFactory(
        case=CaseFactory(service=service, site=site), given_by=who, to_user=person("associate", service=service)
    )
    inside = read_of(actor_for(who), case)
    assert inside == dict.fromkeys(inside, 1)
    Membership.objects.filter(user=who).delete()
    for role, place in (("partner_qa", site), ("coordinator", SiteFactory())):
        Membership.objects.create(user=who, role=role, site=place, starts_at=timezone.now())
    someone = actor_for(who)
    asked = read_of(someone, case)
    assert asked == {**inside, "asks": 1, "offers": 0}, "let in by the question that is open"
    Consult.objects.filter(to_user=who).update(state="withdrawn", settled_at=timezone.now())
    assert set(queries.visible_to(someone)) == {case, given.case}, "as the partner's"
    assert set(read_of(someone, case).values()) == {0}


def test_who_is_inside_everywhere_costs_no_more(service: Service, django_assert_num_queries: Any) -> None:
    someone, case = associate(service), CaseFactory(service=service)
    with django_assert_num_queries(2):
        assert list(queries.visible_inside(someone)) == [case]
    assert list(queries.visible_inside(SYSTEM)) == [case]
