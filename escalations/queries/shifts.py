"""What somebody hands over at the end of their shift, to whom, and what came of it. A constant number of queries."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, QuerySet

from escalations.choices import Entry
from escalations.choices.shifts import ShiftWay
from escalations.models import OPEN, Case, EntryBody, ShiftHandover, ShiftLine, TimelineEntry, Watcher
from escalations.rules.assigning import next_duty
from escalations.rules.shifts import begins_with, needs_line, no_chance
from portal.accounts.rules import Actor
from sla import queries as clocks
from sla.queries import ClockView

from .assigning import Circle, Member, circle_of, staff_of_all
from .playbooks import next_steps
from .queue import KIND, clock_to_show
from .scope import visible_inside, visible_to

#: Cases that one hand-over holds, those that fall due first.
MOST: Final = 200
#: Whose shift begins within this time is on duty next.
SOON: Final = timedelta(hours=16)
LINE_LENGTH: Final = 500
_LATEST: Final = 20
# As many as are counted: of more the others follow as these are taken over.
_WAITING: Final = 100
# Entries whose words a line begins with.
_OWN_WORDS: Final = (Entry.NOTE, Entry.ASSIGNMENT)


@dataclass(frozen=True, slots=True)
class Handed:
    """One of my open cases: the clock that falls due next, and what its line begins with."""

    case: Case
    clock: ClockView | None
    begun: str

    @property
    def needs_line(self) -> bool:
        """Whether it is handed on with a line only."""
        return needs_line(self.case.severity)


@dataclass(frozen=True, slots=True)
class Taker:
    """Somebody who could go on. `begins`: when their shift does, if that is soon."""

    member: Member
    begins: datetime | None

    @property
    def next_on(self) -> bool:
        """Whether they are on duty, or will be soon."""
        return self.member.candidate.on_duty or self.begins is not None


def owned_by(actor: Actor) -> QuerySet[Case]:
    """Open cases that somebody owns and sees, in the order in which they fall due."""
    rows = visible_to(actor).filter(OPEN, owner=actor.user_id or 0).select_related("service", "site__partner")
    return rows.defer("search").order_by(F("next_due_at").asc(nulls_last=True), "pk")


def to_hand_over(actor: Actor) -> list[Handed]:
    """What is mine, each with its clock and what its line begins with. Seven queries at most."""
    cases = list(owned_by(actor)[:MOST])
    ids = [case.pk for case in cases]
    found, said = clocks.open_clocks_of(KIND, ids), _last_words(actor, ids)
    steps = next_steps([pk for pk in ids if pk not in said])
    return [
        Handed(one, clock_to_show(found.get(one.pk, [])), said.get(one.pk) or steps.get(one.pk, "")) for one in cases
    ]


def _last_words(actor: Actor, case_ids: Collection[int]) -> dict[int, str]:
    """The last line that somebody wrote among colleagues, by case: of its first paragraph what fits."""
    mine = TimelineEntry.objects.filter(
        case__in=case_ids, actor=actor.user_id, kind__in=_OWN_WORDS, body__redacted_at=None
    )
    newest = mine.exclude(body__text="").exclude(body=None).order_by("case_id", "-at", "-pk").distinct("case_id")
    return {pk: _first_line(text) for pk, text in newest.values_list("case_id", "body__text")}


def copied_to_lines(entry: TimelineEntry, said: str) -> list[EntryBody]:
    """Words of later lines about the case that its writer's words began, locked. Two queries at most."""
    begun = _first_line(said).removesuffix("…")
    if not begun or entry.kind not in _OWN_WORDS:
        return []
    lines = ShiftLine.objects.filter(case=entry.case_id, handover__giver=entry.actor_id or 0, entry__gt=entry.pk)
    rows = EntryBody.objects.filter(entry__in=lines.values("entry"), redacted_at=None, text__startswith=begun)
    rows = rows.select_related("entry").select_for_update(of=("self",)).order_by("pk")
    alike = [one for one in rows if begins_with(one.text, begun)]
    return _begun_from(entry, begun, alike) if alike else []


def _begun_from(entry: TimelineEntry, begun: str, alike: list[EntryBody]) -> list[EntryBody]:
    """Of lines that begin so, those for which these words, or a copy of them, were the writer's last; and those that are
    like them whatever was written meanwhile, since the form may have stood open."""
    own = TimelineEntry.objects.filter(
        case=entry.case_id, actor=entry.actor_id, kind__in=_OWN_WORDS, body__redacted_at=None
    )
    written = sorted(own.exclude(body__text="").exclude(body=None).values_list("at", "pk"))
    copies, found = {entry.pk}, []
    for one in sorted(alike, key=lambda body: body.entry_id):
        last = next((pk for _at, pk in reversed(written) if pk < one.entry_id), None)
        if last in copies or no_chance(one.text, begun):
            copies.add(one.entry_id)
            found.append(one)
    return found


def _first_line(text: str) -> str:
    line = text.strip().splitlines()[0].strip() if text.strip() else ""
    return line if len(line) <= LINE_LENGTH else line[: LINE_LENGTH - 1] + "…"


def takers_of(actor: Actor, cases: Collection[Case], at: datetime) -> list[Taker]:
    """Members of the cases' services but oneself: on duty, then whose shift begins first, then all others by name."""
    staff = staff_of_all({case.service_id for case in cases}, at, reader=actor)
    found = [Taker(one, _begins(one, at)) for one in staff if one.pk != actor.user_id]
    return sorted(found, key=lambda one: (not one.next_on, not one.member.candidate.on_duty, one.begins or at))


def _begins(one: Member, at: datetime) -> datetime | None:
    if one.stood_in_for or one.candidate.on_duty:
        return None
    return next_duty(one.shifts, one.away, ZoneInfo(one.user.time_zone), at, SOON)


def ways_to(taker: Member, cases: Collection[Case], at: datetime) -> Mapping[int, tuple[str, ...]]:
    """What each case may become with this taker, by case; nothing for one that cannot go there. Three queries."""
    circle = circle_of([taker], cases, at)
    return {case.pk: ways(circle, taker.pk, case) for case in cases}


def ways(circle: Circle, user_id: int, case: Case) -> tuple[str, ...]:
    """The same for one case."""
    moves = (ShiftWay.MOVES.value,) if circle.can_own(user_id, case) else ()
    return (*moves, ShiftWay.WATCHES.value) if circle.can_watch(user_id, case) else moves


def handover_seen_by(actor: Actor, pk: int) -> ShiftHandover | None:
    """A hand-over, for who gave and who takes it."""
    return _of(actor).select_related("giver", "taker").filter(pk=pk).first()


def handovers_of(actor: Actor) -> list[ShiftHandover]:
    """Those with lines that the actor has still to take over, however old, then the latest that they gave or got; each with
    how many lines it has of cases that they see now, and how many of those were taken over. Two queries."""
    waiting = lines_to_take(actor).order_by("-handover_id").values_list("handover_id", flat=True).distinct()
    first = set(waiting[:_WAITING])
    latest = _of(actor).order_by("-pk").values("pk")[:_LATEST]
    handed = ~Q(lines__way=ShiftWay.LEFT) & Q(lines__case__in=visible_inside(actor))
    counted = _of(actor).annotate(
        handed=Count("lines", filter=handed), ticked=Count("lines__tick", filter=handed)
    )  # fmt: skip
    found = counted.filter(Q(pk__in=first) | Q(pk__in=latest)).select_related("giver", "taker")
    return sorted(found, key=lambda one: (one.pk not in first, -one.pk))


def sent_before(actor: Actor, key: UUID) -> ShiftHandover | None:
    """What the actor handed over with this form already."""
    return ShiftHandover.objects.filter(giver=actor.user_id or 0, key=key).first()


def lines_to_take(actor: Actor) -> QuerySet[ShiftLine]:
    """What was handed to the actor and they have not taken over yet, of open cases that they see inside and still own or watch."""
    me = actor.user_id or 0
    watched = Q(way=ShiftWay.WATCHES, case__in=Watcher.objects.filter(user=me).values("case"))
    rows = ShiftLine.objects.filter(handover__taker=me, tick=None, case__in=visible_inside(actor).filter(OPEN))
    return rows.filter(Q(case__owner=me) | watched).exclude(way=ShiftWay.LEFT)


def _of(actor: Actor) -> QuerySet[ShiftHandover]:
    return ShiftHandover.objects.filter(Q(giver=actor.user_id or 0) | Q(taker=actor.user_id or 0))


def lines_seen_by(actor: Actor, handover: ShiftHandover) -> list[ShiftLine]:
    """Its lines, of the cases that the reader sees now with what is internal, in the order in which they fell due."""
    rows = handover.lines.filter(case__in=visible_inside(actor)).select_related("case__service", "entry__body", "tick")
    return list(rows.order_by("position", "pk"))
