"""Cases given to whoever is free: who is passed over and why, caps, restricted cases, what is written, and how many queries."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from escalations.actions import Refused, assign, give_next, give_unowned, record_fact, take_next
from escalations.models import Case, CaseGrant, Giving, IssueType, Service, WorkShift
from partners.models import Site
from portal.accounts.models import Delegation, User
from portal.accounts.rules import Actor
from portal.audit.models import AuditEntry
from tests.factories.assigning import always_on, takes
from tests.factories.escalations import (
    CaseFactory,
    IssueTypeFactory,
    ServiceFactory,
    associate,
    coordinator,
    open_policy,
)
from tests.factories.partners import EngagementFactory, LeaveFactory, SiteFactory, days

pytestmark = pytest.mark.django_db


@pytest.fixture
def service() -> Service:
    open_policy()
    return ServiceFactory()


@pytest.fixture
def site() -> Site:
    return SiteFactory()


def member(
    service: Service,
    *,
    on: bool = True,
    cap: int | None = None,
    languages: Sequence[str] = (),
    issues: Sequence[IssueType] = (),
) -> Actor:
    """Somebody of the service, on duty unless said otherwise."""
    made = associate(service)
    if on:
        always_on(made.user_id)
    takes(made.user_id, cap=cap, languages=languages, issues=issues)
    return made


def owner(case: Case) -> int | None:
    return Case.objects.get(pk=case.pk).owner_id


def test_the_least_loaded_gets_it_and_everything_is_written(service: Service, site: Site) -> None:
    busy, free = member(service), member(service, cap=10)
    CaseFactory(service=service, site=site, severity=1, owner=User.objects.get(pk=busy.user_id))
    case = CaseFactory(service=service, site=site, severity=2)
    lead = associate(service, lead=True)
    outcome = give_next(actor=lead, ref=case.ref)
    assert outcome.case.owner_id == free.user_id
    given = Giving.objects.get()
    assert (given.case_id, given.user_id, given.by, given.weight, given.load, given.cap) == (
        case.pk,
        free.user_id,
        "next",
        4,
        0,
        10,
    )
    assert case.entries.filter(kind="assignment", params__to=free.user_id, actor=lead.user_id).count() == 1
    assert AuditEntry.objects.filter(verb="case.assigned", subject_id=case.pk).count() == 1
    assert outcome.undo is not None
    assert outcome.undo["owner_id"] is None


def test_who_is_passed_over(service: Service, site: Site) -> None:
    top = IssueTypeFactory()
    refund = IssueTypeFactory(level=2, parent=top)
    other = IssueTypeFactory()
    member(service, on=False)
    member(service, issues=[other])
    member(service, languages=["ja"])
    member(service, cap=1)
    away, on_leave = member(service), member(service)
    now = timezone.now()
    Delegation.objects.create(
        principal_id=away.user_id,
        delegate_id=coordinator(site).user_id,
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=1),
    )
    person = EngagementFactory(period=days("2026-01-01")).person
    User.objects.filter(pk=on_leave.user_id).update(person=person)
    LeaveFactory(person=person, period=days(now.date() - timedelta(days=2), now.date() + timedelta(days=2)))
    case = CaseFactory(service=service, site=site, severity=3, issue_type_id=refund.pk)
    record_fact(
        actor=coordinator(site),
        ref=case.ref,
        key="language",
        text="Portuguese (Brazil), some English",
        source="customer",
    )
    with pytest.raises(Refused) as none:
        give_next(actor=coordinator(site), ref=case.ref)
    assert none.value.code == "nobody_free"
    assert not Giving.objects.exists()
    fit = member(service, issues=[top], languages=["pt", "en"], cap=2)
    assert give_next(actor=coordinator(site), ref=case.ref).case.owner_id == fit.user_id


def test_whoever_may_not_assign_is_refused(service: Service, site: Site) -> None:
    free, asks = member(service), member(service, on=False)
    case = CaseFactory(service=service, site=site)
    with pytest.raises(Refused) as no:
        give_next(actor=asks, ref=case.ref)
    assert no.value.code == "not_your_role"
    assert owner(case) is None
    assert give_next(actor=free, ref=case.ref).case.owner_id == free.user_id, "they take it themselves"


def test_one_takes_the_gravest_that_fits_whatever_the_hour(service: Service, site: Site) -> None:
    me = member(service, on=False, cap=6, languages=["zh"])
    CaseFactory(service=service, site=site, severity=1)
    hidden = CaseFactory(service=service, site=site, severity=2, sensitivity="restricted")
    elsewhere = CaseFactory(site=site, severity=2)
    mine = CaseFactory(service=service, site=site, severity=2)
    small = CaseFactory(service=service, site=site, severity=3)
    assert take_next(actor=me).case.pk == mine.pk, "an S1 would pass the cap, one is hidden, one another service's"
    assert take_next(actor=me).case.pk == small.pk
    assert why_nothing(me) == "next_above_cap", "the S1 is in sight"
    assert {owner(hidden), owner(elsewhere)} == {None}


def why_nothing(who: Actor) -> str:
    with pytest.raises(Refused) as none:
        take_next(actor=who)
    return none.value.code


def test_whoever_can_take_none_of_the_cases_hears_the_commonest_reason(service: Service, site: Site) -> None:
    stay, payment = IssueTypeFactory(), IssueTypeFactory()
    me, full = member(service, issues=[stay], languages=["zh"], cap=2), member(service, cap=1)
    assert why_nothing(me) == "nothing_to_take", "there is none"
    for _ in range(2):
        CaseFactory(service=service, site=site, issue_type_id=payment.pk, severity=3)
    speaks = CaseFactory(service=service, site=site, issue_type_id=stay.pk, severity=3)
    record_fact(actor=coordinator(site), ref=speaks.pk, key="language", text="Portuguese", source="customer")
    grave = CaseFactory(service=service, site=site, issue_type_id=stay.pk, severity=1)
    assert why_nothing(me) == "next_other_issues"
    assert why_nothing(full) == "next_above_cap"
    Case.objects.filter(issue_type=payment).update(owner=full.user_id)
    Case.objects.filter(pk=grave.pk).update(owner=full.user_id)
    assert why_nothing(me) == "next_other_language"
    Case.objects.filter(pk=grave.pk).update(owner=None)
    assert why_nothing(me) == "next_above_cap", "of as many the graver one's"


def test_the_reason_tells_nothing_of_cases_out_of_sight(service: Service, site: Site) -> None:
    me = member(service, cap=1)
    for sensitivity in ("restricted", "standard"):
        where = service if sensitivity == "restricted" else ServiceFactory()
        CaseFactory(service=where, site=site, severity=1, sensitivity=sensitivity)
    assert why_nothing(me) == "nothing_to_take"
    assert why_nothing(coordinator(site)) == "nothing_to_take", "no service of theirs"


def test_a_service_gives_by_itself_the_gravest_first_and_never_above_a_cap(service: Service, site: Site) -> None:
    one, two = member(service, cap=8), member(service, cap=4)
    cases = [CaseFactory(service=service, site=site, severity=n) for n in (4, 3, 2, 1)]
    restricted = CaseFactory(service=service, site=site, severity=1, sensitivity="restricted")
    confidential = CaseFactory(service=service, site=site, severity=4, sensitivity="confidential")
    CaseFactory(site=site, severity=1)
    assert give_unowned() == 0, "nobody asked for it"
    Service.objects.filter(pk=service.pk).update(gives_cases=True)
    assert give_unowned() == 2
    assert [owner(case) for case in cases] == [None, None, two.user_id, one.user_id]
    assert {owner(restricted), owner(confidential)} == {None}
    assert give_unowned() == 0, "nobody has room"
    member(service)
    assert give_unowned() == 3
    assert owner(restricted) is None
    assert set(Giving.objects.values_list("by", flat=True)) == {"automatic"}


def test_who_gave_a_case_back_is_not_given_it_again(service: Service, site: Site) -> None:
    first = member(service)
    Service.objects.filter(pk=service.pk).update(gives_cases=True)
    case = CaseFactory(service=service, site=site)
    assert give_unowned() == 1
    assign(actor=first, ref=case.ref, owner_id=None)
    assert give_unowned() == 0
    assert owner(case) is None
    second = member(service)
    assert give_unowned() == 1
    assert owner(case) == second.user_id
    assign(actor=second, ref=case.ref, owner_id=None)
    assert take_next(actor=first).case.pk == case.pk, "whoever asks for it may have it again"


def test_a_small_case_behind_many_that_do_not_fit_is_found(service: Service, site: Site) -> None:
    me = member(service, cap=3)
    for _ in range(4):
        CaseFactory(service=service, site=site, severity=1)
    small = CaseFactory(service=service, site=site, severity=4)
    Service.objects.filter(pk=service.pk).update(gives_cases=True)
    with CaptureQueriesContext(connection) as asked:
        assert give_unowned() == 1
    assert owner(small) == me.user_id
    locks = [one["sql"] for one in asked if "SKIP LOCKED" in one["sql"]]
    assert len(locks) == 1
    assert locks[0].count(str(small.pk)) == 1
    with CaptureQueriesContext(connection) as idle:
        assert give_unowned() == 0
    assert not any("FOR NO KEY UPDATE" in one["sql"] for one in idle), (
        "nothing is locked for cases that nobody can take"
    )
    other = CaseFactory(service=service, site=site, severity=4)
    assert take_next(actor=me).case.pk == other.pk


def test_a_restricted_case_goes_to_who_was_granted_it_and_only_on_request(service: Service, site: Site) -> None:
    granted = member(service)
    member(service)
    case = CaseFactory(service=service, site=site, sensitivity="restricted")
    lead = associate(service, lead=True)
    for holder in (granted, lead):
        CaseGrant.objects.create(case=case, user_id=holder.user_id, kind="grant")
    assert give_next(actor=lead, ref=case.ref).case.owner_id == granted.user_id


def test_as_many_queries_for_two_as_for_twenty(service: Service, site: Site) -> None:
    def cost() -> int:
        case = CaseFactory(service=service, site=site)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            give_next(actor=coordinator(site), ref=case.ref)
        return len(seen)

    for _ in range(2):
        member(service, cap=200, languages=["en"])
    few = cost()
    for _ in range(18):
        member(service, cap=200, languages=["en"])
    assert cost() == few


def test_what_the_database_refuses(service: Service, site: Site) -> None:
    me, case = member(service), CaseFactory(service=service, site=site)
    row = Giving.objects.create(case=case, user_id=me.user_id, by="next", weight=2, load=3, cap=5)
    wrong = (
        "INSERT INTO escalations_giving (case_id, user_id, by, weight, load, cap, at) VALUES (%(case)s, %(user)s, 'next', 2, 4, 5, now())",
        "INSERT INTO escalations_giving (case_id, user_id, by, weight, load, at) VALUES (%(case)s, %(user)s, 'luck', 2, 4, now())",
        "UPDATE escalations_giving SET load = 0",
        "DELETE FROM escalations_giving",
        "TRUNCATE escalations_giving",
        "INSERT INTO escalations_workload (user_id, cap, languages, version) VALUES (%(user)s, 0, '{}', 1)",
        "INSERT INTO escalations_workshift (user_id, weekday, starts, ends) VALUES (%(user)s, 7, '09:00', '17:00')",
    )
    for sql in wrong:
        with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, {"case": case.pk, "user": me.user_id})
    twice = WorkShift.objects.filter(user_id=me.user_id)[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        WorkShift.objects.create(user_id=me.user_id, weekday=twice.weekday, starts=twice.starts, ends=twice.starts)
    assert Giving.objects.get() == row
