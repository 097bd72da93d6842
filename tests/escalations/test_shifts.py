"""A shift handed over: what moves, what is watched, what is left out, whom it is refused, and that nothing is half-written."""

from datetime import time, timedelta
from uuid import UUID, uuid4

import pytest
from django.core import mail as mailbox
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from escalations.actions import HandLine, Refused, add_note, assign, hand_over_shift, set_state, take_over
from escalations.models import Case, Service, ShiftHandover, ShiftLine, ShiftTick, TimelineEntry, Watcher, WorkShift
from escalations.queries import shifts
from partners.models import Site
from portal.accounts.models import User
from portal.accounts.rules import Actor
from portal.notifications import tasks
from portal.notifications.models import Notification, OutboxRow
from tests.factories.assigning import always_on, takes
from tests.factories.escalations import CaseFactory, ServiceFactory, associate, coordinator, hold, open_policy
from tests.factories.playbooks import published, step

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def policy() -> None:
    open_policy()


def mine(giver: Actor, service: Service, site: Site, **more: object) -> Case:
    """An open case of the giver's."""
    made = CaseFactory(service=service, site=site, severity=more.pop("severity", 3), **more)
    Case.objects.filter(pk=made.pk).update(owner=giver.user_id)
    return made


def owner(case: Case) -> int | None:
    return Case.objects.get(pk=case.pk).owner_id


def give(giver: Actor, taker: Actor, *lines: HandLine, key: UUID | None = None) -> ShiftHandover:
    return hand_over_shift(actor=giver, taker_id=taker.user_id or 0, lines=lines, key=key or uuid4())


def said(handover: ShiftHandover) -> dict[int, str]:
    """What became of each case."""
    return {one.case_id: one.why or one.way for one in handover.lines.order_by("position")}


def test_what_moves_what_is_watched_and_whom_it_reaches(service: Service, site: Site) -> None:
    giver, taker = associate(service), associate(service)
    User.objects.filter(pk=taker.user_id).update(language="zh-hans")
    moving, staying = mine(giver, service, site, severity=1), mine(giver, service, site)
    made = give(giver, taker, HandLine(moving.pk, "moves", "Call at six."), HandLine(staying.pk, "watches"))
    assert [owner(moving), owner(staying)] == [taker.user_id, giver.user_id]
    assert Watcher.objects.filter(case=staying, user=taker.user_id).exists()
    assert said(made) == {moving.pk: "moves", staying.pk: "watches"}
    entry = TimelineEntry.objects.get(case=moving, code="shift.moved")
    assert (entry.body.text, entry.is_internal, entry.actor_id) == ("Call at six.", True, giver.user_id)
    assert TimelineEntry.objects.filter(case=moving, code="assignment.changed", params__to=taker.user_id).count() == 1
    [notice] = Notification.objects.filter(recipient=taker.user_id)
    assert (notice.kind, notice.url) == ("case.shift", f"/shift/{made.pk}/")
    assert not OutboxRow.objects.filter(topic="fanout", payload__kind="case.assigned").exists(), (
        "one notice, not one a case"
    )
    assert "Call at six" not in str(notice.params)
    then = timezone.now() - timedelta(days=1)
    OutboxRow.objects.filter(state="pending").update(not_before=then, next_attempt_at=then)
    tasks.send()
    [mail] = [one for one in mailbox.outbox if User.objects.get(pk=taker.user_id).email in one.to]
    assert "把 2 个案件交班给你" in f"{mail.subject} {mail.body}", "in the taker's language"
    assert moving.ref not in f"{mail.subject} {mail.body}"


def test_the_same_form_twice_makes_one(service: Service, site: Site) -> None:
    giver, taker, key = associate(service), associate(service), uuid4()
    case = mine(giver, service, site)
    first = give(giver, taker, HandLine(case.pk, "watches", "Look in."), key=key)
    assert give(giver, taker, HandLine(case.pk, "moves", "Other words."), key=key) == first
    assert ShiftLine.objects.count() == 1
    assert Notification.objects.filter(recipient=taker.user_id).count() == 1


def test_what_somebody_else_changed_meanwhile_is_left_out(service: Service, site: Site) -> None:
    giver, taker, lead = associate(service), associate(service), associate(service, lead=True)
    stays, given, solved, hidden = (mine(giver, service, site) for _ in range(4))
    assign(actor=lead, ref=given.pk, owner_id=lead.user_id)
    set_state(actor=lead, ref=solved.pk, verb="triage")
    set_state(actor=lead, ref=solved.pk, verb="start")
    set_state(actor=lead, ref=solved.pk, verb="resolve")
    Case.objects.filter(pk=hidden.pk).update(sensitivity="restricted")
    hold(hidden, giver)
    before = TimelineEntry.objects.filter(case__in=[given.pk, solved.pk, hidden.pk]).count()
    made = give(giver, taker, *(HandLine(one.pk, "moves", "x") for one in (stays, given, solved, hidden)))
    assert said(made) == {stays.pk: "moves", given.pk: "not_yours", solved.pk: "ended", hidden.pk: "cannot_go"}
    assert TimelineEntry.objects.filter(case__in=[given.pk, solved.pk, hidden.pk]).count() == before
    assert [owner(given), owner(hidden)] == [lead.user_id, giver.user_id]


def refused(giver: Actor, taker: Actor, *lines: HandLine) -> str:
    """Why, after looking that nothing of it was written."""
    before = TimelineEntry.objects.count(), ShiftHandover.objects.count()
    with pytest.raises(Refused) as no:
        give(giver, taker, *lines)
    assert (TimelineEntry.objects.count(), ShiftHandover.objects.count()) == before
    assert not Watcher.objects.exists()
    return no.value.code


def test_what_is_refused_as_a_whole(service: Service, site: Site) -> None:
    giver, taker, stranger = associate(service), associate(service), associate(ServiceFactory())
    grave, small = mine(giver, service, site, severity=2), mine(giver, service, site)
    watch = HandLine(small.pk, "watches", "x")
    assert refused(giver, taker, watch, HandLine(grave.pk, "moves", "  ")) == "line_needed"
    assert refused(giver, stranger, watch) == "taker_unknown"
    assert refused(giver, coordinator(site), watch) == "taker_unknown"
    assert refused(giver, giver, watch) == "taker_unknown"
    assert refused(giver, taker, HandLine(small.pk, "left", "x")) == "unknown_value"
    assert refused(giver, taker) == "nothing_to_hand"
    assert refused(taker, giver, watch) == "nothing_to_hand", "they are not the taker's"
    assert refused(giver, taker, HandLine(small.pk, "watches", "x" * 501)) == "text_too_long"


def test_nobody_is_handed_more_than_their_cap(service: Service, site: Site) -> None:
    giver, taker = associate(service), associate(service)
    takes(taker.user_id, cap=5)
    cases = [mine(giver, service, site) for _ in range(3)]
    with pytest.raises(Refused) as no:
        give(giver, taker, *(HandLine(one.pk, "moves", "x") for one in cases))
    assert no.value.code == "taker_at_cap"
    assert "more than they take at once" in str(no.value)
    made = give(
        giver,
        taker,
        *(HandLine(one.pk, way, "x") for one, way in zip(cases, ("moves", "moves", "watches"), strict=True)),
    )
    assert made.lines.count() == 3


def test_a_restricted_case_goes_to_who_was_granted_it(service: Service, site: Site) -> None:
    giver, granted, other = associate(service), associate(service), associate(service)
    case = mine(giver, service, site)
    Case.objects.filter(pk=case.pk).update(sensitivity="restricted")
    for one in (giver, granted):
        hold(case, one)
    case.refresh_from_db()
    people = {one.member.pk: one.member for one in shifts.takers_of(giver, [case], timezone.now())}
    ways = {pk: shifts.ways_to(one, [case], timezone.now())[case.pk] for pk, one in people.items()}
    assert ways == {granted.user_id: ("moves", "watches"), other.user_id: ()}
    give(giver, granted, HandLine(case.pk, "moves", "x"))
    assert owner(case) == granted.user_id


def test_lines_are_ticked_by_the_taker_alone_and_once(service: Service, site: Site) -> None:
    giver, taker, other = associate(service), associate(service), associate(service)
    cases = [mine(giver, service, site) for _ in range(3)]
    made = give(giver, taker, *(HandLine(one.pk, "moves", "x") for one in cases))
    first = made.lines.order_by("position")[0]
    assert take_over(actor=taker, handover_id=made.pk, line_ids=[first.pk]) == 1
    assert take_over(actor=taker, handover_id=made.pk, line_ids=[first.pk]) == 0
    assert take_over(actor=taker, handover_id=made.pk) == 2
    with pytest.raises(Refused):
        take_over(actor=giver, handover_id=made.pk)
    with pytest.raises(Http404):
        take_over(actor=other, handover_id=made.pk)
    with pytest.raises(Http404):
        take_over(actor=taker, handover_id=made.pk, line_ids=[first.pk, 9])
    [row] = shifts.handovers_of(giver)
    assert (row.handed, row.ticked) == (3, 3)


def waiting(taker: Actor) -> int:
    return shifts.lines_to_take(taker).count()


def test_what_waits_for_its_taker_is_listed_first_however_old(service: Service, site: Site) -> None:
    giver, taker = associate(service), associate(service)
    old = give(giver, taker, HandLine(mine(giver, service, site).pk, "moves"))
    case = mine(giver, service, site)
    for _ in range(20):
        one = give(giver, taker, HandLine(case.pk, "watches"))
        take_over(actor=taker, handover_id=one.pk)
    assert waiting(taker) == 1
    assert [row.pk for row in shifts.handovers_of(taker)][:2] == [old.pk, one.pk]
    assert next(row.pk for row in shifts.handovers_of(giver)) == one.pk, "nothing of it waits for the giver"


def test_nothing_waits_of_cases_that_ended_or_went_on(service: Service, site: Site) -> None:
    giver, taker, lead = associate(service), associate(service), associate(service, lead=True)
    moved, watched, ended, unwatched = (mine(giver, service, site) for _ in range(4))
    give(
        giver, taker, HandLine(moved.pk, "moves"), *(HandLine(one.pk, "watches") for one in (watched, ended, unwatched))
    )
    assert waiting(taker) == 4
    assign(actor=lead, ref=moved.pk, owner_id=lead.user_id)
    set_state(actor=lead, ref=ended.pk, verb="start")
    set_state(actor=lead, ref=ended.pk, verb="resolve", reason="Settled")
    Watcher.objects.filter(case=unwatched).delete()
    assert list(shifts.lines_to_take(taker).values_list("case", flat=True)) == [watched.pk]
    assign(actor=lead, ref=moved.pk, owner_id=taker.user_id)
    assert waiting(taker) == 2


def test_lines_begin_with_my_last_words_or_the_next_step(service: Service, site: Site) -> None:
    published(step("call", title="Call the guest"), service=service)
    giver, other = associate(service), associate(service)
    plain, noted = mine(giver, service, site), mine(giver, service, site)
    add_note(actor=giver, ref=noted.pk, text="Waits for the host.\nSecond line.", shared=False)
    add_note(actor=other, ref=noted.pk, text="Somebody else's words", shared=False)
    lead = associate(service, lead=True)
    set_state(actor=lead, ref=plain.pk, verb="triage")
    begun = {one.case.pk: one.begun for one in shifts.to_hand_over(giver)}
    assert begun == {plain.pk: "Call the guest", noted.pk: "Waits for the host."}


def test_who_is_on_duty_next_comes_first(service: Service, site: Site) -> None:
    giver = associate(service)
    without, later, now = associate(service), associate(service), associate(service)
    always_on(now.user_id)
    local = timezone.now()
    soon = (local.hour + 2) % 24
    WorkShift.objects.bulk_create(
        WorkShift(user_id=later.user_id, weekday=day, starts=time(soon), ends=time((soon + 1) % 24)) for day in range(7)
    )
    User.objects.filter(pk=later.user_id).update(time_zone="UTC")
    found = shifts.takers_of(giver, [mine(giver, service, site)], local)
    assert [one.member.pk for one in found] == [now.user_id, later.user_id, without.user_id]
    assert [one.next_on for one in found] == [True, True, False]


def test_as_many_queries_for_two_cases_as_for_twenty(service: Service, site: Site) -> None:
    published(step("call"), service=service)
    giver, taker = associate(service), associate(service)

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            handed = shifts.to_hand_over(giver)
            people = shifts.takers_of(giver, [one.case for one in handed], timezone.now())
            shifts.ways_to(people[0].member, [one.case for one in handed], timezone.now())
        return len(seen)

    for _ in range(2):
        mine(giver, service, site)
    few = cost()
    for _ in range(18):
        mine(giver, service, site)
    assert cost() == few
    assert taker.user_id


def test_what_the_database_refuses(service: Service, site: Site) -> None:
    giver, taker, lead = associate(service), associate(service), associate(service, lead=True)
    kept, lost = mine(giver, service, site), mine(giver, service, site)
    assign(actor=lead, ref=lost.pk, owner_id=lead.user_id)
    made = give(giver, taker, HandLine(kept.pk, "moves", "x"), HandLine(lost.pk, "moves", "x"))
    take_over(actor=taker, handover_id=made.pk)
    left = made.lines.get(way="left")
    line = "INSERT INTO escalations_shiftline (handover_id, case_id, position, way, why, entry_id) VALUES "
    names = {"made": made.pk, "case": CaseFactory(service=service, site=site).pk, "kept": kept.pk, "left": left.pk}
    wrong = (
        "INSERT INTO escalations_shifthandover (giver_id, taker_id, key, at) SELECT giver_id, giver_id, gen_random_uuid(), now() FROM escalations_shifthandover",
        "INSERT INTO escalations_shifthandover (giver_id, taker_id, key, at) SELECT giver_id, taker_id, key, now() FROM escalations_shifthandover",
        line + "(%(made)s, %(case)s, 1, 'moves', '', NULL)",
        line + "(%(made)s, %(case)s, 1, 'left', '', NULL)",
        line + "(%(made)s, %(case)s, 1, 'left', 'tired', NULL)",
        line + "(%(made)s, %(kept)s, 1, 'left', 'ended', NULL)",
        "INSERT INTO escalations_shifttick (line_id, at) VALUES (%(left)s, now())",
        "INSERT INTO escalations_shifttick (line_id, at) SELECT line_id, now() FROM escalations_shifttick",
        *(f"{verb} escalations_shift{table}" for verb in ("DELETE FROM", "TRUNCATE") for table in ("tick", "line", "handover")),
        "UPDATE escalations_shifthandover SET at = now()",
        "UPDATE escalations_shiftline SET position = 9",
        "UPDATE escalations_shifttick SET at = now()",
    )  # fmt: skip
    for sql in wrong:
        with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, names)
    assert ShiftTick.objects.count() == 1
