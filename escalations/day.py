"""What "My day" shows of cases besides those that fall due: what is new, what waits, what may be begun."""

from collections.abc import Mapping
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from escalations import queries
from escalations.choices import State
from escalations.choices.queue import Tab
from escalations.queries.assigning import shifts_of
from escalations.queries.left import count_left
from escalations.queries.newest import opened_since
from escalations.queries.owed import MOST_OWED, OwedLine, owed_by_law
from escalations.queries.queue import tab_condition
from escalations.views.common import case_url, lang_of
from portal.accounts.rules import Actor
from portal.ui.days import WEEK, since_last_day
from portal.ui.registry import Act, Panel, Waiting, register_act, register_home, register_waiting
from sla import queries as clocks

HOME_ROWS: Final = 8
OWED_ROWS: Final = 10
MOST_COUNTED: Final = 1000


def register() -> None:
    """Hang them in."""
    register_home(Panel("new_cases", 30, "ui/_todo.html", new_cases, _("New cases"), _reads_cases, later=True))
    law = "escalations/_home_cases.html"
    register_home(Panel("owed_by_law", 12, law, owed, _("Owed by law"), _works, later=True, hushed=True))
    register_waiting(Waiting("late", 10, _("Your cases past their time"), lambda: _tab(Tab.MINE), _works, _late))
    register_waiting(Waiting("nobodys", 20, _("Cases that nobody works yet"), _nobodys_url, _assigns, _nobodys))
    left = _("Cases whose owner cannot work them any more")
    register_waiting(Waiting("left", 21, left, lambda: f"{_tab(Tab.OPEN)}&owner=gone", _assigns, count_left))
    register_act(Act("case", 10, _("New case"), "escalations:case-new", "plus", _raises))
    register_act(Act("queue", 15, _("Open the queue"), "escalations:queue", "inbox", _works))


def _works(actor: Actor) -> bool:
    return actor.can("work_case")


def _assigns(actor: Actor) -> bool:
    return actor.can("assign")


def _raises(actor: Actor) -> bool:
    return actor.can("raise_case")


def _reads_cases(actor: Actor) -> bool:
    """Who follows work beyond what is their own; partners see theirs under "Open cases"."""
    return actor.can("see_internal")


def _tab(tab: Tab) -> str:
    return f"{reverse('escalations:queue')}?tab={tab.value}"


def _nobodys_url() -> str:
    return _tab(Tab.UNASSIGNED)


def _late(actor: Actor) -> int:
    rows = queries.visible_to(actor).filter(tab_condition(actor, Tab.MINE, timezone.now()))
    return rows.filter(next_due_at__lte=timezone.now()).order_by()[:MOST_COUNTED].count()


def _nobodys(actor: Actor) -> int:
    return queries.queue_cases(actor, Tab.UNASSIGNED, queries.NO_FILTERS).order_by()[:MOST_COUNTED].count()


def new_cases(actor: Actor, _page: object) -> Mapping[str, Any] | None:
    """Cases that were opened since the reader's last day of work, in their own zone, the newest first."""
    shifts = shifts_of([actor.user_id or 0]).get(actor.user_id or 0, ())
    weekdays = frozenset(shift.weekday for shift in shifts) or WEEK
    since = since_last_day(timezone.now(), timezone.get_current_timezone(), weekdays)
    return {
        "key": "new_cases",
        "heading": _now("New since %(day)s") % {"day": date_format(timezone.localtime(since), "l")},
        "rows": [_line(case) for case in opened_since(actor, since, HOME_ROWS)],
        "empty_title": _now("No new case"),
        "empty_text": _now("Nothing was opened since your last day."),
        "more_url": f"{reverse('escalations:queue')}?age=7d",
        "more_text": _now("Open cases of the last 7 days"),
    }


def _line(case: queries.CaseLine) -> dict[str, Any]:
    place = f"{case.service.label} · {case.site.label}" if case.site else case.service.label
    owner = case.owner.name if case.owner else _now("nobody yet")
    return {
        "title": case.subject,
        "detail": f"{case.ref} · {place} · {owner}",
        "url": case_url(case.ref),
        "lang": lang_of(case.subject),
        "severity": case.severity,
    }


def owed(actor: Actor, _page: object) -> Mapping[str, Any] | None:
    """Ended cases for which the law still asks an answer, what is due first on top; nothing without one."""
    lines, number = owed_by_law(actor, OWED_ROWS)
    if not lines:
        return None
    words = {"n": number if number <= MOST_OWED else f"{MOST_OWED}+", "shown": len(lines)}
    few = _now("These cases have ended, and the law still asks for an answer.")
    many = _now("%(n)s cases have ended while the law still asks for an answer. The %(shown)s that are due first:")
    return {
        "key": "owed_by_law",
        "heading": _now("Owed by law"),
        "intro": few if number <= len(lines) else many % words,
        "rows": [_owed_line(line) for line in lines],
    }


def _owed_line(line: OwedLine) -> dict[str, Any]:
    case = line.case
    return {
        "ref": case.ref,
        "title": case.subject,
        "detail": f"{case.ref} · {line.clock.label} · {State(case.state).label}",
        "url": reverse("escalations:case-deadlines", args=[case.ref]),
        "lang": lang_of(case.subject),
        "clock": clocks.pill(line.clock, timezone.now()),
    }
