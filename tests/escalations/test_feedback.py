"""Feedback on a closed case: who gives it to whom, who reads it, until when it changes, and what the database refuses."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.http import Http404
from django.utils import timezone

from escalations.actions import (
    Opinion,
    Refused,
    answer_feedback,
    assign,
    change_feedback,
    change_service,
    give_feedback,
    set_state,
)
from escalations.models import Case, PeerFeedback, Service, TimelineEntry
from escalations.queries.feedback import feedback_seen_by
from partners.models import Site
from portal.accounts.models import Delegation, User
from portal.accounts.queries import actor_for
from portal.accounts.rules import Actor
from portal.audit.models import AuditEntry
from portal.notifications.models import Notification
from tests.factories.escalations import CaseFactory, ServiceFactory, actor, associate, coordinator

pytestmark = pytest.mark.django_db

GOOD = Opinion(
    {"ownership": 4, "communication": 3, "judgement": 2, "documentation": 1}, "Called at once.", "Write it down."
)


def closed(owner: Actor, service: Service, site: Site) -> Case:
    """A case that somebody owned when it closed."""
    made = CaseFactory(service=service, site=site)
    lead = associate(service, lead=True)
    assign(actor=lead, ref=made.pk, owner_id=owner.user_id)
    for verb in ("triage", "start", "resolve", "close"):
        set_state(actor=lead, ref=made.pk, verb=verb)
    return Case.objects.get(pk=made.pk)


def refused(who: Actor, case: Case, opinion: Opinion = GOOD) -> str:
    with pytest.raises(Refused) as no:
        give_feedback(actor=who, ref=case.pk, opinion=opinion)
    return no.value.code


def readers(one: PeerFeedback, **people: Actor) -> set[str]:
    """Who of them may read it."""
    return {name for name, who in people.items() if feedback_seen_by(who).filter(pk=one.pk).exists()}


def test_it_is_between_the_two_and_the_lead(service: Service, site: Site) -> None:
    owner, mate, lead = associate(service), associate(service), associate(service, lead=True)
    case = closed(owner, service, site)
    entries = TimelineEntry.objects.filter(case=case).count()
    made = give_feedback(actor=mate, ref=case.pk, opinion=GOOD)
    assert (made.receiver_id, made.cycle, made.ownership, made.documentation) == (owner.user_id, case.cycle, 4, 1)
    stand_in = User.objects.create_user(email="stands-in@example.test", name="Stands In")
    now = timezone.now()
    Delegation.objects.create(
        principal_id=lead.user_id,
        delegate=stand_in,
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=1),
    )
    seen = readers(
        made, owner=owner, mate=mate, lead=lead, other=associate(service), coordinator=coordinator(site),
        administrator=actor("administrator"), auditor=actor("auditor"), partner=actor("partner_lead", site=site),
        foreign_lead=associate(ServiceFactory(), lead=True), stand_in=actor_for(stand_in),
    )  # fmt: skip
    assert seen == {"owner", "mate", "lead"}
    assert TimelineEntry.objects.filter(case=case).count() == entries, "nothing of it stands in the case"
    row = AuditEntry.objects.get(verb="case.feedback_given")
    assert row.changes == {"feedback": made.pk}
    [notice] = Notification.objects.filter(recipient=owner.user_id, kind="case.feedback")
    assert notice.params == {"ref": case.ref}


def test_who_may_not_give_it(service: Service, site: Site) -> None:
    owner, mate, earlier = associate(service), associate(service), associate(service)
    case = closed(owner, service, site)
    assert refused(owner, case) == "feedback_own_work"
    assert refused(coordinator(site), case) == "not_your_role"
    assert refused(actor("auditor"), case) == "not_your_role"
    with pytest.raises(Http404):
        give_feedback(actor=associate(ServiceFactory()), ref=case.pk, opinion=GOOD)
    fresh = CaseFactory(service=service, site=site)
    assert refused(mate, fresh) == "feedback_too_early"
    Case.objects.filter(pk=case.pk).update(owner=None)
    assert refused(mate, case) == "feedback_to_nobody"
    second = CaseFactory(service=service, site=site)
    lead = associate(service, lead=True)
    for one in (earlier, lead, owner):
        assign(actor=lead, ref=second.pk, owner_id=one.user_id)
    for verb in ("triage", "start", "resolve", "close"):
        set_state(actor=lead, ref=second.pk, verb=verb)
    assert refused(earlier, second) == "feedback_own_work"
    assert give_feedback(actor=lead, ref=second.pk, opinion=GOOD).receiver_id == owner.user_id, (
        "a lead who passed it on"
    )


def test_what_is_said_is_whole(service: Service, site: Site) -> None:
    mate, case = associate(service), closed(associate(service), service, site)
    whole = dict(GOOD.ratings)
    assert refused(mate, case, Opinion(whole | {"ownership": 5}, "x")) == "unknown_value"
    assert refused(mate, case, Opinion({"ownership": 1}, "x")) == "unknown_value"
    assert refused(mate, case, Opinion(whole | {"looks": 1}, "x")) == "unknown_value"
    assert refused(mate, case, Opinion(whole, " \x00 ")) == "text_needed"
    assert refused(mate, case, Opinion(whole, "x" * 4001)) == "text_too_long"
    assert not PeerFeedback.objects.exists()


def test_once_per_closing(service: Service, site: Site) -> None:
    owner, mate, lead = associate(service), associate(service), associate(service, lead=True)
    case = closed(owner, service, site)
    give_feedback(actor=mate, ref=case.pk, opinion=GOOD)
    assert refused(mate, case) == "feedback_given"
    set_state(actor=lead, ref=case.pk, verb="reopen")
    assert refused(mate, case) == "feedback_too_early"
    for verb in ("resolve", "close"):
        set_state(actor=lead, ref=case.pk, verb=verb)
    assert give_feedback(actor=mate, ref=case.pk, opinion=GOOD).cycle == case.cycle + 1
    assert give_feedback(actor=lead, ref=case.pk, opinion=GOOD).author_id == lead.user_id


def test_it_is_changed_for_a_day_and_answered_once(service: Service, site: Site) -> None:
    owner, mate = associate(service), associate(service)
    made = give_feedback(actor=mate, ref=closed(owner, service, site).pk, opinion=GOOD)
    better = Opinion({**GOOD.ratings, "documentation": 3}, "Called at once, and wrote.")
    assert change_feedback(actor=mate, feedback_id=made.pk, opinion=better, version=1).documentation == 3
    with pytest.raises(Refused) as stale:
        change_feedback(actor=mate, feedback_id=made.pk, opinion=GOOD, version=1)
    assert stale.value.code == "stale"
    with pytest.raises(Refused):
        change_feedback(actor=owner, feedback_id=made.pk, opinion=GOOD, version=2)
    with pytest.raises(Refused):
        answer_feedback(actor=mate, feedback_id=made.pk, text="x")
    with pytest.raises(Http404):
        answer_feedback(actor=associate(service), feedback_id=made.pk, text="x")
    assert answer_feedback(actor=owner, feedback_id=made.pk, text="Thank you.").answer == "Thank you."
    with pytest.raises(Refused) as twice:
        answer_feedback(actor=owner, feedback_id=made.pk, text="And more.")
    with pytest.raises(Refused) as late:
        change_feedback(actor=mate, feedback_id=made.pk, opinion=GOOD, version=3)
    assert [twice.value.code, late.value.code] == ["feedback_answered", "feedback_fixed"]
    assert Notification.objects.filter(recipient=mate.user_id, kind="case.feedback_answered").count() == 1


def test_after_a_day_it_stays(service: Service, site: Site) -> None:
    owner, mate = associate(service), associate(service)
    case = closed(owner, service, site)
    made = PeerFeedback.objects.create(
        case=case, cycle=1, author_id=mate.user_id, receiver_id=owner.user_id, good="x", to_try="",
        at=timezone.now() - timedelta(hours=24, minutes=1), **GOOD.ratings,
    )  # fmt: skip
    with pytest.raises(Refused) as no:
        change_feedback(actor=mate, feedback_id=made.pk, opinion=GOOD, version=1)
    assert no.value.code == "feedback_fixed"
    with pytest.raises(IntegrityError), transaction.atomic():
        PeerFeedback.objects.filter(pk=made.pk).update(good="Other")
    assert answer_feedback(actor=owner, feedback_id=made.pk, text="Late, but thank you.").answered_at is not None


def test_what_a_sensitive_case_brought_is_read_by_who_sees_it(service: Service, site: Site) -> None:
    owner, mate, lead = associate(service), associate(service), associate(service, lead=True)
    case = closed(owner, service, site)
    made = give_feedback(actor=mate, ref=case.pk, opinion=GOOD)
    people = {"owner": owner, "mate": mate, "lead": lead}
    Case.objects.filter(pk=case.pk).update(service=ServiceFactory())
    assert readers(made, **people) == {"owner", "mate", "lead"}, "a standard one goes with its people"
    Case.objects.filter(pk=case.pk).update(sensitivity="confidential")
    assert readers(made, **people) == set()
    Case.objects.filter(pk=case.pk).update(service=service)
    assert readers(made, **people) == {"owner", "mate", "lead"}
    Case.objects.filter(pk=case.pk).update(sensitivity="restricted")
    assert readers(made, **people) == set()


def test_it_stays_with_the_lead_of_whoever_had_the_case(service: Service, site: Site) -> None:
    owner, mate, lead = associate(service), associate(service), associate(service, lead=True)
    case = closed(owner, service, site)
    first = give_feedback(actor=mate, ref=case.pk, opinion=GOOD)
    answer_feedback(actor=owner, feedback_id=first.pk, text="Thank you.")
    set_state(actor=lead, ref=case.pk, verb="reopen")
    other = ServiceFactory()
    change_service(actor=lead, ref=case.pk, service_id=other.pk)
    next_lead, next_mate = associate(other, lead=True), associate(other)
    people = {"owner": owner, "mate": mate, "lead": lead, "next_lead": next_lead, "next_mate": next_mate}
    assert readers(first, **people) == {"owner", "mate", "lead"}
    assign(actor=next_lead, ref=case.pk, owner_id=next_mate.user_id)
    for verb in ("resolve", "close"):
        set_state(actor=next_lead, ref=case.pk, verb=verb)
    second = give_feedback(actor=next_lead, ref=case.pk, opinion=GOOD)
    assert readers(second, **people) == {"next_lead", "next_mate"}
    Case.objects.filter(pk=case.pk).update(sensitivity="confidential")
    assert readers(first, **people) == set()
    assert readers(second, **people) == {"next_lead", "next_mate"}
    with connection.cursor() as cursor:
        then = import_module("escalations.migrations.0031_feedback_from_before").THEN
        cursor.execute(f"SELECT id, {then} FROM escalations_peerfeedback AS one ORDER BY id")
        assert cursor.fetchall() == [(first.pk, service.pk), (second.pk, other.pk)], "what an upgrade writes"


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM {t}", "TRUNCATE {t}", "UPDATE {t} SET at = at - interval '1 hour'", "UPDATE {t} SET receiver_id = %(other)s",
        "UPDATE {t} SET author_id = %(other)s", "UPDATE {t} SET cycle = 2", "UPDATE {t} SET service_id = %(service)s", "UPDATE {t} SET good = ''", "UPDATE {t} SET ownership = 5",
        "UPDATE {t} SET ownership = 0", "UPDATE {t} SET answer = 'x'", "UPDATE {t} SET answered_at = now()",
        "UPDATE {t} SET answer = 'x', answered_at = now(), good = 'Rewritten'",
        "INSERT INTO {t} ({c}) SELECT {c} FROM {t}",
        "INSERT INTO {t} ({c}) SELECT case_id, 2, author_id, author_id, 1, 1, 1, 1, 'x', '', now(), 1, '', NULL FROM {t}",
        "INSERT INTO {t} ({c}) SELECT case_id, 2, author_id, receiver_id, 1, 1, 1, 1, 'x', '', now() + interval '1 day', 1, '', NULL FROM {t}",
        "INSERT INTO {t} ({c}) SELECT case_id, 2, author_id, receiver_id, 1, 1, 1, 1, 'x', '', now(), 1, 'y', now() FROM {t}",
    ],
)  # fmt: skip
def test_what_the_database_refuses(service: Service, site: Site, sql: str) -> None:
    made = give_feedback(actor=associate(service), ref=closed(associate(service), service, site).pk, opinion=GOOD)
    columns = "case_id, cycle, author_id, receiver_id, ownership, communication, judgement, documentation, good, to_try, at, version, answer, answered_at"
    told = sql.format(t="escalations_peerfeedback", c=columns)
    with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(told, {"other": associate(service).user_id, "service": ServiceFactory().pk})
    assert PeerFeedback.objects.get() == made
    answer_feedback(actor=actor_for(made.receiver), feedback_id=made.pk, text="Thank you.")
    with pytest.raises(IntegrityError), transaction.atomic():
        PeerFeedback.objects.update(good="Later")
