"""The reader's shift on "My day": what is ahead of them, what they did so far, and what was handed to them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from escalations.choices import WAITING_STATES
from escalations.choices.queue import Tab
from escalations.choices.shifts import Part
from escalations.models import Consult
from escalations.queries.ahead import Promise, due_between
from escalations.queries.consults import consults_for
from escalations.queries.my_shift import newest_taken, so_far
from escalations.queries.next_due import first_ids, next_due_ids
from escalations.views.common import case_url, lang_of
from escalations.views.shift_today import in_shifts, start_of_today, today_url
from portal.accounts.choices import Role
from portal.accounts.rules import Actor
from portal.ui.ahead import Due, register_ahead
from portal.ui.days import bounds_of_day
from portal.ui.glance import glance
from portal.ui.registry import Panel, register_panel

#: Rows of "Mine" and "Open cases", which "Later today" does not repeat.
HOME_ROWS: Final = 8
LINES: Final = 3
_SHOWN: Final = 120


def register() -> None:
    """Hang them in."""
    register_ahead("cases", cases_ahead)
    register_ahead("questions", questions_ahead)
    sofar, before = "escalations/_home_shift.html", "escalations/_home_shift_before.html"
    register_panel("home_rail", Panel("shift", 6, sofar, shift, _("Shift so far"), in_shifts, later=True))
    handed = Panel("shift_before", 7, before, shift_before, _("From the shift before"), _takes, later=True, hushed=True)
    register_panel("home_rail", handed)


def _takes(actor: Actor) -> bool:
    """Shifts are handed to members of services alone."""
    return actor.has(Role.ASSOCIATE)


def cases_ahead(actor: Actor, since: datetime, until: datetime, most: int) -> Iterable[Due]:
    """Promises and answers by law of the reader's own and watched cases, but for what "Breaching next" or "Open cases" shows, and "Mine" where
    the day begins with it."""
    shown = next_due_ids(actor) if actor.can("work_case") else first_ids(actor, Tab.OPEN, HOME_ROWS)
    if _begins_with_mine(actor):
        shown += first_ids(actor, Tab.MINE, HOME_ROWS)
    return [_promise(one) for one in due_between(actor, since, until, frozenset(shown), most=most)]


def _begins_with_mine(actor: Actor) -> bool:
    return not actor.has(Role.COORDINATOR) and not any(one.is_lead for one in actor.of(Role.ASSOCIATE))


def _promise(one: Promise) -> Due:
    url = reverse("escalations:case-deadlines", args=[one.ref]) if one.by_law else case_url(one.ref)
    detail = f"{one.ref} · {one.clock.label}" + (f" · {_now('watched by you')}" if one.watched else "")
    return Due(one.clock.due_at, one.subject, detail, url, lang_of(one.subject))


def questions_ahead(actor: Actor, since: datetime, until: datetime, most: int) -> Iterable[Due]:
    """Questions to the reader that are due in between."""
    return [_question(one) for one in consults_for(actor, since, until, most=most)]


def _question(one: Consult) -> Due:
    words = getattr(one.question, "body", None)
    text = (words.text if words is not None else "") or one.case.subject
    detail = f"{one.case.ref} · " + _now("question of %(name)s") % {"name": one.asked_by.name}
    url = reverse("escalations:consult", args=[one.pk])
    return Due(one.due_at, Truncator(text).chars(_SHOWN), detail, url, lang_of(text))


def shift(actor: Actor, _page: object) -> Mapping[str, Any] | None:
    """What the reader did since midnight in their zone, and what is theirs now, with its lists."""
    with glance():
        found = so_far(actor, start_of_today(), timezone.now())
    queue = reverse("escalations:queue")
    waits = urlencode([("tab", Tab.MINE.value), *(("state", state.value) for state in WAITING_STATES)])
    return {
        "found": found,
        "urls": {part.value: today_url(part) for part in Part},
        "mine_url": f"{queue}?tab={Tab.MINE.value}",
        "waiting_url": f"{queue}?{waits}",
    }


def shift_before(actor: Actor, _page: object) -> Mapping[str, Any] | None:
    """What was handed to the reader last, since yesterday in their zone: who, when, how many cases, the first lines; nothing
    where there is none, or none of its cases is in their sight."""
    midnight, _end = bounds_of_day(timezone.now(), timezone.get_current_timezone())
    yesterday, _midnight = bounds_of_day(midnight - timedelta(microseconds=1), timezone.get_current_timezone())
    with glance():
        found = newest_taken(actor, yesterday)
    if found is None or not found[1]:
        return None
    handover, lines = found
    said = [(f"EC-{pk}", Truncator(words).chars(_SHOWN)) for pk, words in lines if words][:LINES]
    return {
        "handover": handover,
        "count": len(lines),
        "lines": [{"ref": ref, "url": case_url(ref), "words": words, "lang": lang_of(words)} for ref, words in said],
    }
