"""Meetings of the demo: series with what was said in them, one that is next, single ones."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from django.utils import timezone

from portal.accounts.rules import SYSTEM, Actor
from portal.demo.review_content import CALLS, HEARD, NEXT_TOPICS, SPOKEN, Point
from portal.demo.review_world import ONE_DAY, OWN, TWIN, World, user_id, weekday
from reviews.actions import agenda, findings, meetings, notes, running, series
from reviews.choices import AgendaKind, EngagementKind
from reviews.queries.findings import themes_in_use
from reviews.queries.scope import engagements_visible_to
from reviews.rules.standing import Place

if TYPE_CHECKING:
    from reviews.models import Engagement, Series

CALL: Final = "Chengdu weekly ops call"
LEADS: Final = "成都组长例会"
CALIBRATION: Final = "大连质检校准会"
ROUND: Final = "Round table with agents"
SHADOWING: Final = "Listening in: late refunds"


def plan_meetings(world: World) -> None:
    """Write the story of the meetings down."""
    _plan_calls(world)
    _plan_series(world)
    _plan_single(world)


def call_days(world: World) -> list[date]:
    """The days of the ops call that were held, and last the one that is next.

    The one in between was called off, so that the newest packs are newer than the last call whatever day the demo is built on.
    """
    coming = weekday(world.today + ONE_DAY)
    return [*(coming - timedelta(weeks=back + 1) for back in range(len(CALLS), 0, -1)), coming]


def meeting_of(title: str, day: date) -> "Engagement":
    """A meeting of a series by its day."""
    return engagements_visible_to(SYSTEM).get(series__title=title, occurrence=day)


def _plan_calls(world: World) -> None:
    *past, coming = call_days(world)
    people = [world.coordinator(OWN), world.by("manager"), world.lead(OWN), world.by("lead2.ctu"), world.by("qa")]
    world.diary.at(
        world.when(past[0] - ONE_DAY, 9), partial(_add, world, EngagementKind.OPS_CALL, CALL, OWN, past[0], "week", people)
    )  # fmt: skip
    for day, point in zip(past, CALLS, strict=True):
        _plan_held(world, CALL, OWN, day, [point])
    skipped = coming - timedelta(weeks=1)
    world.diary.at(
        world.when(skipped - ONE_DAY, 16), lambda: _call_off(world.coordinator(OWN), meeting_of(CALL, skipped))
    )
    world.diary.at(timezone.now() - timedelta(minutes=20), lambda: _prepare(world, OWN, CALL, coming, NEXT_TOPICS))


def _plan_series(world: World) -> None:
    coming = weekday(world.today + 3 * ONE_DAY)
    held = coming - timedelta(weeks=2)
    leads = [world.coordinator(OWN), world.lead(OWN), world.by("lead2.ctu")]
    set_up = world.when(held - ONE_DAY, 15)
    world.diary.at(set_up, partial(_add, world, EngagementKind.LEAD_MEETING, LEADS, OWN, held, "two_weeks", leads))
    _plan_held(
        world,
        LEADS,
        OWN,
        held,
        [Point("排班偏好征集", "收到 14 份，缺晚班两人。", "下周一前补齐。", "周一发布下月班表草案。")],
    )
    quality = [world.coordinator(TWIN), world.lead(TWIN), world.by("qa3.dlc")]
    world.diary.at(
        set_up, partial(_add, world, EngagementKind.CALIBRATION, CALIBRATION, TWIN, held, "two_weeks", quality)
    )
    _plan_held(world, CALIBRATION, TWIN, held, [
        Point("三个录音逐条过", "结束语评分相差 12 分。", "小结是否必填，口径不一。", "小结按必填评分，下周起执行。"),
    ])  # fmt: skip
    first = weekday(world.today - 20 * ONE_DAY, -ONE_DAY)
    agents = [world.coordinator(OWN), world.lead(OWN)]
    world.diary.at(
        world.when(first - ONE_DAY, 15), partial(_add, world, EngagementKind.ROUND_TABLE, ROUND, OWN, first, "month", agents)
    )  # fmt: skip
    _plan_held(world, ROUND, OWN, first, [])
    world.diary.at(world.when(first, 10, 20), lambda: _observe(world, meeting_of(ROUND, first), SPOKEN))
    west = weekday(world.today + 2 * ONE_DAY)
    people = [world.by("coordinator.west"), world.lead("LIS")]
    world.diary.at(
        world.ago(2, 18), partial(_add, world, EngagementKind.OPS_CALL, "Lisbon weekly ops call", "LIS", west, "week", people)
    )  # fmt: skip


def _plan_single(world: World) -> None:
    """A shadowing that was, a meeting today, the business review to come."""
    day, coming = weekday(world.today - 12 * ONE_DAY, -ONE_DAY), weekday(world.today + 9 * ONE_DAY)
    own = world.place(OWN)
    people = [world.coordinator(OWN), world.lead(OWN)]
    at = world.when(day, 14)
    world.diary.at(at - 5 * ONE_DAY, partial(_arrange, EngagementKind.SHADOWING, SHADOWING, own, at, people))
    world.diary.at(at, lambda: _observe(world, engagements_visible_to(SYSTEM).get(title=SHADOWING), HEARD))
    world.diary.at(
        at + timedelta(hours=1),
        lambda: _hold(world.coordinator(OWN), engagements_visible_to(SYSTEM).get(title=SHADOWING)),
    )
    soon = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=2)
    team = [*people, world.by("manager"), world.by("qa")]
    world.diary.at(
        world.ago(1, 9), partial(_arrange, EngagementKind.LEAD_MEETING, "Roster for the coming weekend", own, soon, team)
    )  # fmt: skip
    whole = Place(None, own.partner_id)
    bosses = [world.by("manager"), *people]
    world.diary.at(
        world.ago(6, 11),
        partial(_arrange, EngagementKind.BUSINESS_REVIEW, "Bluewave quarterly business review", whole, world.when(coming, 14), bosses),
    )  # fmt: skip


def _add(
    world: World, kind: str, title: str, code: str, first: date, rhythm: str, people: Collection[Actor]
) -> "Series":  # fmt: skip
    terms = series.Terms(
        title=title, last_day=first + timedelta(days=364), at=time(10), minutes=45, place="https://meet.example/partner-ops",
        user_ids=[user_id(one) for one in people],
    )  # fmt: skip
    return series.add_series(
        actor=world.coordinator(code), about=world.place(code), kind=kind, first_day=first, rhythm=rhythm,
        time_zone=world.sites[code].time_zone, terms=terms,
    )  # fmt: skip


def _arrange(kind: str, title: str, about: Place, at: datetime, people: Collection[Actor]) -> "Engagement":
    """A meeting of its own; the first of the people arranges it."""
    plan = meetings.Plan(
        kind=kind, title=title, starts_at=at, ends_at=at + timedelta(hours=1), time_zone="Asia/Shanghai",
        place="Chengdu, room 3", user_ids=[user_id(one) for one in people],
    )  # fmt: skip
    return meetings.add_engagement(actor=next(iter(people)), about=about, plan=plan)


def _plan_held(world: World, title: str, code: str, day: date, points: Collection[Point]) -> None:
    """A meeting of a series, from its agenda to its minutes."""
    actor, begins = world.coordinator(code), world.when(day, 10)

    def later(minutes: int) -> datetime:
        return begins + timedelta(minutes=minutes)

    world.diary.at(later(-60), lambda: _prepare(world, code, title, day, [one.title for one in points]))
    world.diary.at(later(1), lambda: running.begin(actor=actor, pk=meeting_of(title, day).pk))
    for point in points:
        world.diary.at(later(15), partial(_talk, world, code, title, day, point))
    world.diary.at(later(45), lambda: _hold(actor, meeting_of(title, day)))
    world.diary.at(later(90), lambda: running.send_minutes(actor=actor, pk=meeting_of(title, day).pk))


def _prepare(world: World, code: str, title: str, day: date, topics: Collection[str]) -> None:
    """The agenda: what the wing finds, and topics of one's own."""
    actor, meeting = world.coordinator(code), meeting_of(title, day)
    agenda.build(actor=actor, pk=meeting.pk)
    for topic in topics:
        agenda.add_topic(actor=actor, pk=meeting.pk, title=topic)


def _call_off(actor: Actor, meeting: "Engagement") -> None:
    meetings.cancel_engagement(
        actor=actor, pk=meeting.pk, reason="Fire drill in the building at ten; all points wait a week."
    )


def _talk(world: World, code: str, title: str, day: date, point: Point) -> None:
    """Two people write at once, and something is decided."""
    actor, meeting = world.coordinator(code), meeting_of(title, day)
    item = meeting.agenda.get(title=point.title, kind=AgendaKind.TOPIC).pk
    for writer, text in ((actor, point.first), (world.by("manager"), point.second)):
        notes.save_notes(actor=writer, pk=meeting.pk, item=item, base=0, text=text)
    running.decide(actor=actor, pk=meeting.pk, text=point.decided, item=item)
    agenda.mark_done(actor=actor, pk=meeting.pk, item=item, done=True)


def _hold(actor: Actor, meeting: "Engagement") -> None:
    """Everybody who was asked came, but for the last one asked where there are many."""
    asked = list(meeting.attendees.order_by("pk").values_list("pk", flat=True))
    running.hold(actor=actor, pk=meeting.pk, came=asked[: max(2, len(asked) - 1)])


def _observe(world: World, meeting: "Engagement", seen: Collection[tuple[str, str, str]]) -> None:
    for number, (theme, text, quote) in enumerate(seen, 1):
        findings.observe(
            actor=world.coordinator(OWN), engagement_id=meeting.pk, theme=themes_in_use().get(code=theme), text=text, quote=quote,
            contact_ref=f"CT-{20_400 + meeting.pk * 10 + number}" if meeting.kind == EngagementKind.SHADOWING else "",
        )  # fmt: skip
