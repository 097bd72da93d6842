"""What colleagues want of the reader, on "My day": questions, cases offered to them, and the end of somebody's shift."""

from collections.abc import Mapping
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from escalations.models import Consult, Handover
from escalations.queries.consults import consults_for
from escalations.queries.handing import first_offers
from escalations.queries.shifts import lines_to_take
from escalations.views.common import lang_of
from portal.accounts.rules import Actor
from portal.ui.registry import Panel, Waiting, register_home, register_waiting

MOST: Final = 6
MOST_COUNTED: Final = 1000
_SHOWN: Final = 120


def register() -> None:
    """Hang them in."""
    todo = "ui/_todo.html"
    register_home(Panel("consults", 21, todo, consults, _("Questions to you"), _inside, later=True, hushed=True))
    register_home(Panel("offered", 22, todo, offered, _("Offered to you"), _inside, later=True, hushed=True))
    register_waiting(
        Waiting("shift", 40, _("Cases of a shift to take over"), lambda: reverse("escalations:shift"), _works, _handed)
    )


def _inside(actor: Actor) -> bool:
    return actor.can("see_internal")


def _works(actor: Actor) -> bool:
    return actor.can("work_case")


def _handed(actor: Actor) -> int:
    return lines_to_take(actor).order_by()[:MOST_COUNTED].count()


def consults(actor: Actor, _page: object) -> Mapping[str, Any] | None:
    """Open questions, what is due first on top; nothing without one."""
    rows = consults_for(actor, most=MOST)
    if not rows:
        return None
    return {
        "key": "consults",
        "heading": _now("Questions to you"),
        "intro": _now("Whoever asks waits for your answer."),
        "rows": [_question(one) for one in rows],
        "more_url": reverse("escalations:consults"),
        "more_text": _now("All of them"),
    }


def _question(one: Consult) -> dict[str, Any]:
    words = getattr(one.question, "body", None)
    text = words.text if words is not None else ""
    late = one.due_at <= timezone.now()
    return {
        "title": Truncator(text or one.case.subject).chars(_SHOWN),
        "detail": f"{one.case.ref} · {one.asked_by.name}",
        "url": reverse("escalations:consult", args=[one.pk]),
        "lang": lang_of(text or one.case.subject),
        "at": one.due_at,
        "badge": _now("Overdue") if late else "",
        "tone": "red",
    }


def offered(actor: Actor, _page: object) -> Mapping[str, Any] | None:
    """Cases offered to the reader or to a service of theirs, the oldest offer first; nothing without one."""
    rows = first_offers(actor, MOST)
    if not rows:
        return None
    return {
        "key": "offered",
        "heading": _now("Offered to you"),
        "intro": _now("They stay with whoever offers them until you accept."),
        "rows": [_offer(one) for one in rows],
        "more_url": reverse("escalations:handovers"),
        "more_text": _now("All of them"),
    }


def _offer(one: Handover) -> dict[str, Any]:
    return {
        "title": one.case.subject,
        "detail": f"{one.case.ref} · {one.given_by.name}",
        "url": reverse("escalations:handover", args=[one.pk]),
        "lang": lang_of(one.case.subject),
        "at": one.offered_at,
    }
