"""Handing over a shift: one's open cases go, or are watched, in one transaction; what was taken over is ticked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.http import Http404
from django.urls import reverse

from escalations import queries
from escalations.choices import OPEN_STATES, Entry, Reason
from escalations.choices.shifts import LeftOut, ShiftWay
from escalations.models import Case, ShiftHandover, ShiftLine, ShiftTick, Watcher
from escalations.queries import assigning, shifts
from escalations.queries.assigning import Circle, Member
from escalations.rules.assigning import weight_of
from escalations.rules.shifts import can_hand_on, needs_line
from portal.accounts.rules import Actor
from portal.notifications.actions import notify

from ._base import Refused, add_entry, known, moment, required, touch, trail, words
from .assign import set_owner
from .giving import count_alone

#: The notice to whoever takes over.
SHIFT_KIND: Final = "case.shift"
_CODES: Final = {ShiftWay.MOVES: "shift.moved", ShiftWay.WATCHES: "shift.watched"}


@dataclass(frozen=True, slots=True)
class HandLine:
    """A case, what becomes of it, and the line about it."""

    case_id: int
    way: str
    text: str = ""


def hand_over_shift(
    *, actor: Actor, taker_id: int, lines: Sequence[HandLine], key: UUID, at: datetime | None = None
) -> ShiftHandover:
    """Hand over these cases, in this order; a case that is not the actor's, not open or cannot go there any more is left
    out, with a line that says so. The same key makes one. Raises Refused: nothing of it is written then."""
    when, giver = moment(at), actor.user_id or 0
    try:
        with transaction.atomic():
            made = ShiftHandover.objects.create(giver_id=giver, taker_id=_other(actor, taker_id), key=key, at=when)
            _Handing(actor, made, {one.case_id: one for one in lines}).run()
            return made
    except IntegrityError:
        before = ShiftHandover.objects.filter(giver=giver, key=key).first()
        if before is None:
            raise
        return before


def _other(actor: Actor, taker_id: int) -> int:
    if taker_id == actor.user_id:
        raise Refused(Reason.TAKER_UNKNOWN)
    return taker_id


class _Handing:
    """One hand-over being written. Its cases are locked first, in the order of their numbers, then loads are counted."""

    def __init__(self, actor: Actor, made: ShiftHandover, lines: Mapping[int, HandLine]) -> None:
        self.actor, self.made, self.lines = actor, made, lines
        rows = queries.visible_to(actor).filter(pk__in=list(lines)).select_related("site").defer("search")
        locked = rows.order_by("pk").select_for_update(of=("self",), no_key=True)
        self.cases: dict[int, Case] = {case.pk: case for case in locked}
        self.granted = queries.granted_ids(actor, made.at)
        count_alone()
        self.member = self._member()
        self.circle: Circle = assigning.circle_of([self.member], list(self.cases.values()), made.at)

    def _member(self) -> Member:
        services = {case.service_id for case in self.cases.values()}
        staff = assigning.staff_of_all(services, self.made.at)
        found = next((one for one in staff if one.pk == self.made.taker_id), None)
        if found is None:
            raise Refused(Reason.TAKER_UNKNOWN if self.cases else Reason.NOTHING_TO_HAND)
        return found

    def run(self) -> None:
        """Everything, or Refused."""
        left = {pk: self._left_out(line) for pk, line in self.lines.items()}
        going = [line for pk, line in self.lines.items() if not left[pk]]
        if not going:
            raise Refused(Reason.NOTHING_TO_HAND)
        self._check_cap(going)
        for position, (pk, line) in enumerate(self.lines.items()):
            if left[pk]:
                self._keep(pk, position, ShiftWay.LEFT, why=left[pk])
            else:
                self._hand(line, position)
        self._tell(len(going))

    def _left_out(self, line: HandLine) -> str:
        case = self.cases.get(line.case_id)
        if case is None or case.owner_id != self.actor.user_id:
            return LeftOut.NOT_YOURS
        if case.state not in OPEN_STATES:
            return LeftOut.ENDED
        way = known(line.way, (ShiftWay.MOVES, ShiftWay.WATCHES))
        return "" if way in shifts.ways(self.circle, self.member.pk, case) else LeftOut.CANNOT_GO

    def _check_cap(self, going: Sequence[HandLine]) -> None:
        free = self.member.candidate
        more = sum(weight_of(self.cases[one.case_id].severity) for one in going if one.way == ShiftWay.MOVES)
        if more and free.cap is not None and free.load + more > free.cap:
            # Without figures: of their cases the giver may see a part only.
            raise Refused(Reason.TAKER_AT_CAP, name=self.member.name)

    def _hand(self, line: HandLine, position: int) -> None:
        case, taker, at = self.cases[line.case_id], self.member.pk, self.made.at
        facts = queries.plain_facts(case, granted=case.pk in self.granted)
        acting = required(self.actor, can_hand_on(self.actor, facts))
        text = words(line.text, limit=shifts.LINE_LENGTH)
        if needs_line(case.severity) and not text:
            raise Refused(Reason.LINE_NEEDED, ref=case.ref)
        if line.way == ShiftWay.MOVES:
            set_owner(acting, case, taker, at, notify=False)  # the hand-over as a whole tells them
        else:
            Watcher.objects.get_or_create(case=case, user_id=taker)
            touch(case, at)
            trail(acting, "case.shift_watched", case, {"user": taker})
        code = _CODES[ShiftWay(line.way)]
        entry = add_entry(case, acting, Entry.ASSIGNMENT, code, at, params={"to": taker}, text=text)
        self._keep(case.pk, position, ShiftWay(line.way), entry_id=entry.pk)

    def _keep(self, case_id: int, position: int, way: ShiftWay, *, entry_id: int | None = None, why: str = "") -> None:
        ShiftLine.objects.create(
            handover=self.made, case_id=case_id, position=position, way=way, entry_id=entry_id, why=why
        )

    def _tell(self, count: int) -> None:
        url, pk = reverse("escalations:shift-handed", args=[self.made.pk]), self.made.pk
        params = {"by": queries.names_of([self.actor.user_id])[self.actor.user_id or 0], "cases": count}
        notify(
            kind=SHIFT_KIND, recipients=[self.member.pk], params=params, url=url, dedupe_key=f"shift:{pk}", subject_id=pk
        )  # fmt: skip


@transaction.atomic
def take_over(*, actor: Actor, handover_id: int, line_ids: Sequence[int] | None = None) -> int:
    """Tick lines as taken over, all that the taker sees without `line_ids`; how many are new. Once is enough, and for the
    taker in person. Raises Refused, Http404."""
    handover = shifts.handover_seen_by(actor, handover_id)
    if handover is None:
        raise Http404
    if handover.taker_id != actor.user_id:
        raise Refused(Reason.NOT_YOUR_ROLE)
    lines = [one for one in shifts.lines_seen_by(actor, handover) if one.way != ShiftWay.LEFT]
    wanted = [one for one in lines if line_ids is None or one.pk in set(line_ids)]
    if line_ids is not None and len(wanted) < len(set(line_ids)):
        raise Http404
    before = ShiftTick.objects.filter(line__handover=handover).count()
    ShiftTick.objects.bulk_create([ShiftTick(line=one) for one in wanted], ignore_conflicts=True)
    return ShiftTick.objects.filter(line__handover=handover).count() - before
