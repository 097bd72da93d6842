"""Handing over a shift: to whom, the list, a look at it, and what the taker made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid4

from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from escalations import actions
from escalations.actions import HandLine
from escalations.choices.shifts import ShiftWay
from escalations.forms.shifts import ShiftForm
from escalations.queries import shifts
from escalations.views.common import lang_of, moved_on, refusal
from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.numbers import MAX_ID, whole
from sla import queries as clocks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from escalations.models import ShiftHandover, ShiftLine
    from escalations.queries.shifts import Handed, Taker
    from portal.accounts.rules import Actor
    from sla.queries import ClockView

_SALT: Final = "escalations.shift"
# A list is written at the end of a shift, not the day before.
_SECONDS: Final = 12 * 3600


@dataclass(frozen=True, slots=True)
class Offer:
    """The list as its page was made: whose, which cases, and the key by which it is sent once."""

    key: UUID
    cases: tuple[int, ...]
    token: str

    @classmethod
    def of(cls, actor: Actor, handed: Sequence[Handed]) -> Offer:
        """A new one."""
        key, cases = uuid4(), [one.case.pk for one in handed]
        said = {"user": actor.user_id, "key": key.hex, "cases": cases}
        return cls(key, tuple(cases), signing.dumps(said, salt=_SALT, compress=True))

    @classmethod
    def sent(cls, actor: Actor, token: str) -> Offer | None:
        """The one that a form came with; None if it is not the actor's, or too old."""
        try:
            said = signing.loads(token, salt=_SALT, max_age=_SECONDS)
        except signing.BadSignature:
            return None
        return cls(UUID(said["key"]), tuple(said["cases"]), token) if said["user"] == actor.user_id else None


class _Shift:
    """One request about a shift: what is mine, and who could go on."""

    def __init__(self, request: HttpRequest) -> None:
        self.request, self.actor, self.at = request, actor_of(request), timezone.now()
        self.all = shifts.to_hand_over(self.actor)
        self.handed: list[Handed] = self.all

    @cached_property
    def takers(self) -> list[Taker]:
        """Who could take these cases."""
        return shifts.takers_of(self.actor, [one.case for one in self.all], self.at)

    def taker(self, wanted: str) -> Taker | None:
        """The one that was chosen."""
        return next((one for one in self.takers if str(one.member.pk) == wanted), None)

    def form(self, taker: Taker, data: Any = None) -> ShiftForm:
        """The list for them."""
        ways = shifts.ways_to(taker.member, [one.case for one in self.handed], self.at)
        return ShiftForm(data, handed=self.handed, ways=ways, taker=taker.member)

    def shown(self, status: int = 200, **more: Any) -> HttpResponse:
        """The page."""
        groups = (
            (_("On duty now or next"), [_option(one) for one in self.takers if one.next_on]),
            (_("Others of the service"), [_option(one) for one in self.takers if not one.next_on]),
        )
        context: dict[str, Any] = {
            "count": len(self.handed),
            "groups": [group for group in groups if group[1]],
            "earlier": shifts.handovers_of(self.actor),
            **more,
        }
        return render(self.request, "escalations/shift.html", context, status=status)

    def listed(self, taker: Taker, form: ShiftForm, offer: Offer, *, preview: bool = False) -> HttpResponse:
        """The page with the list for somebody, or a look at it before it goes."""
        kept = {one.case.pk for one in self.handed}
        return self.shown(
            422 if form.errors else 200,
            taker=taker,
            form=form,
            lines=[_line(one) for one in form.lines()],
            offer=offer.token,
            preview=preview,
            gone=len(set(offer.cases) - kept),
            new=len({one.case.pk for one in self.all} - set(offer.cases)),
            added=form.added() if form.is_bound else None,
        )


def hands_over(actor: Actor) -> bool:
    """Whether somebody may own cases, in person."""
    return any(one.principal_id is None and one.may("work_case") for one in actor.standings)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def shift(request: HttpRequest) -> HttpResponseBase:
    """Hand over my shift: choose who goes on, write the lines, look at it, send it."""
    actor = actor_of(request)
    if not hands_over(actor):
        raise Http404
    page = _Shift(request)
    if request.method == "POST":
        return _posted(page)
    wanted = request.GET.get("to", "")
    taker = page.taker(wanted)
    if taker is None:
        return page.shown(422, choose=_("Choose who goes on.")) if wanted else page.shown()
    return page.listed(taker, page.form(taker), Offer.of(actor, page.handed))


def _posted(page: _Shift) -> HttpResponse:
    data = page.request.POST
    taker, offer = page.taker(data.get("to", "")), Offer.sent(page.actor, data.get("offer", ""))
    if offer is not None and data.get("do") == "send" and (before := shifts.sent_before(page.actor, offer.key)):
        return _gone_to(page.request, before)
    if taker is None or offer is None:
        text = _("Choose who goes on.") if taker is None else _("This list is too old. Look at it again.")
        return page.shown(422, choose=text)
    page.handed = [one for one in page.all if one.case.pk in offer.cases]
    form = page.form(taker, data)
    if not form.is_valid() or data.get("do") == "edit":
        return page.listed(taker, form, offer)
    return (
        _send(page, taker, form, offer) if data.get("do") == "send" else page.listed(taker, form, offer, preview=True)
    )


def _send(page: _Shift, taker: Taker, form: ShiftForm, offer: Offer) -> HttpResponse:
    lines = [HandLine(one.handed.case.pk, one.chosen, one.words) for one in form.lines() if one.way is not None]
    # What changed since the list was made is named too, so that it is left out with a line that says so.
    named = {one.case_id for one in lines}
    lines += [HandLine(pk, ShiftWay.MOVES) for pk in offer.cases if pk not in named and _was_going(page, pk)]
    try:
        made = actions.hand_over_shift(actor=page.actor, taker_id=taker.member.pk, lines=lines, key=offer.key)
    except actions.Refused as error:
        form.add_error(None, refusal(error))
        return page.listed(taker, form, offer)
    return _gone_to(page.request, made)


def _was_going(page: _Shift, pk: int) -> bool:
    return f"way_{pk}" in page.request.POST


def _gone_to(request: HttpRequest, made: ShiftHandover) -> HttpResponse:
    return moved_on(request, reverse("escalations:shift-handed", args=[made.pk]), _("Shift handed over"))


@require_safe
@require_actor
def shift_handed(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A hand-over, for who gave and who takes it: the lines, and which of them are taken over."""
    actor = actor_of(request)
    found = shifts.handover_seen_by(actor, pk) if pk <= MAX_ID else None
    if found is None:
        raise Http404
    lines = shifts.lines_seen_by(actor, found)
    handed = [_handed_line(one) for one in lines if one.way != ShiftWay.LEFT]
    context = {
        "handover": found,
        "lines": handed,
        "left": [one for one in lines if one.way == ShiftWay.LEFT],
        "ticked": sum(1 for one in handed if one["tick"]),
        "takes": found.taker_id == actor.user_id,
    }
    return render(request, "escalations/shift_handed.html", context)


@require_POST
@require_actor
def shift_take(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Tick a line, or all, as taken over."""
    actor = actor_of(request)
    wanted = request.POST.get("line", "")
    line = whole(wanted)
    if pk > MAX_ID or (wanted and line is None):
        raise Http404
    try:
        count = actions.take_over(actor=actor, handover_id=pk, line_ids=None if line is None else [line])
    except actions.Refused as error:
        raise PermissionDenied(error.code) from error
    text = ngettext("%(n)d case taken over", "%(n)d cases taken over", count) % {"n": count}
    return moved_on(request, reverse("escalations:shift-handed", args=[pk]), text)


def _option(one: Taker) -> tuple[int, str]:
    free = one.member.candidate
    has = _("has %(load)s of at most %(cap)s") if free.cap is not None else _("has %(load)s")
    words = [one.member.name, has % {"load": one.member.load, "cap": free.cap}]
    if free.on_duty:
        words.append(_("on duty"))
    elif one.begins is not None:
        words.append(_("on duty from %(time)s") % {"time": f"{timezone.localtime(one.begins):%H:%M}"})
    return one.member.pk, " · ".join(words)


def _line(one: Any) -> dict[str, Any]:
    case = one.handed.case
    clock: ClockView | None = one.handed.clock
    return {
        "line": one,
        "case": case,
        "lang": lang_of(case.subject),
        "clock": clocks.pill(clock, timezone.now()) if clock else None,
    }


def _handed_line(one: ShiftLine) -> dict[str, Any]:
    body = getattr(one.entry, "body", None)
    words = body.text if body else ""
    return {
        "pk": one.pk,
        "case": one.case,
        "way": _("Stays with the giver, watched") if one.way == ShiftWay.WATCHES else _("Moved to who takes over"),
        "words": _("These words were removed") if body and body.redacted_at else words,
        "lang": lang_of(words),
        "subject_lang": lang_of(one.case.subject),
        "tick": getattr(one, "tick", None),
    }
