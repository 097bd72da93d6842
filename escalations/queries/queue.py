"""The queue: tabs, filters, pages of 50 in the order in which cases fall due. A constant number of queries."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from django.contrib.postgres.search import SearchQuery
from django.core.exceptions import EmptyResultSet
from django.db.models import Q
from django.utils import timezone

from escalations.choices import DUE_SOON_HOURS, OPEN_STATES, WAITING_STATES, State
from escalations.choices.queue import Age, Tab
from escalations.models import OPEN, Case
from escalations.rules import typed_number
from portal.accounts.rules import Actor
from portal.ui.pagination import Page, keyset_page
from portal.ui.textsearch import query_text
from sla import queries as clocks
from sla.queries import ClockView

from .due import LEVEL, STORED, due_column, inner_scope, inside_among, known_clocks, level_column, shown_due, with_due
from .facts import Cases
from .kept import THAT_DAY, THEN, Statement, asked, start_of_day
from .left import GONE, left_by_owner, scope_asked
from .lines import LINE_COLUMNS, CaseLine, lines_of
from .scope import Scope, condition, visible_to

KIND: Final = "case"
PAGE_SIZE: Final = 50
COUNT_CAP: Final = 1001
# So many hits of a text are counted in one look; more of them tab by tab, each to its cap.
FOUND_CAP: Final = 10_000
UNOWNED: Final = 0


@dataclass(frozen=True, slots=True)
class QueueFilters:
    """What narrows the queue. Several values of one filter are alternatives; `owner` 0 means nobody, `GONE` somebody who
    cannot work the case any more."""

    service: tuple[int, ...] = ()
    state: tuple[str, ...] = ()
    severity: tuple[int, ...] = ()
    site: tuple[int, ...] = ()
    owner: tuple[int, ...] = ()
    issue: tuple[int, ...] = ()
    age: str = ""
    q: str = ""

    def __bool__(self) -> bool:
        return any(getattr(self, one.name) for one in fields(self))


NO_FILTERS: Final = QueueFilters()


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue: the case, and the clock that falls due next (else a paused one, else none)."""

    case: CaseLine
    clock: ClockView | None


def queue_rows(
    actor: Actor,
    *,
    tab: str = Tab.OPEN,
    filters: QueueFilters = NO_FILTERS,
    cursor: str | None = None,
    size: int = PAGE_SIZE,
    scope: Scope | None = None,
    after: datetime | None = None,
) -> Page[QueueRow]:
    """One page of the queue, or of what falls due after an instant. Raises BadCursor for a cursor that we did not make."""
    inner = inner_scope(actor)
    due = due_column(inner)
    level = level_column(inner)
    cases = _cases_of(actor, tab, filters, scope, inner)
    rows = (cases.filter(**{f"{due}__gt": after}) if after else cases).values(
        *LINE_COLUMNS, *({due, level} - {*LINE_COLUMNS})
    )
    page = keyset_page(rows, order=_order(tab, filters, due), cursor=cursor, size=size)
    lines = lines_of([{**row, STORED: row[due], LEVEL: row[level]} for row in page.items])
    return replace(page, items=_with_clocks(lines, inside_among(actor, inner, [case.pk for case in lines])))


def _with_clocks(cases: Sequence[CaseLine], inside: Collection[int]) -> list[QueueRow]:
    """Each case with the clock to show for it; one query more. `inside`: those of which all clocks may be shown."""
    found = clocks.open_clocks_of(KIND, [case.pk for case in cases]) if cases else {}
    known = {pk: known_clocks(views, inside=pk in inside) for pk, views in found.items()}
    return [QueueRow(case, clock_to_show(known.get(case.pk, []))) for case in cases]


def clock_to_show(views: Sequence[ClockView]) -> ClockView | None:
    """The running clock that is due first; without one, the paused one that was."""
    for state in ("running", "paused"):
        standing = [view for view in views if view.state == state]
        if standing:
            return min(standing, key=lambda view: view.due_at)
    return None


def queue_cases(actor: Actor, tab: str, filters: QueueFilters, *, scope: Scope | None = None) -> Cases:
    """The cases behind a tab and its filters, in no order; `with_due` for this reader."""
    return _cases_of(actor, tab, filters, scope, inner_scope(actor))


def _cases_of(actor: Actor, tab: str, filters: QueueFilters, scope: Scope | None, inner: Scope | None) -> Cases:
    now = timezone.now()
    condition_ = _tab_condition(actor.user_id or 0, tab, now, start_of_day(now), filters.state, due_column(inner))
    rows = with_due(visible_to(actor, scope=scope_asked(actor, filters.owner, scope)), inner)
    return rows.filter(condition_).filter(_narrowed(filters, now))


def tab_condition(actor: Actor, tab: str, now: datetime) -> Q:
    """What a tab holds, by when cases fall due for those inside."""
    return _tab_condition(actor.user_id or 0, tab, now, start_of_day(now))


def _tab_condition(
    user_id: int, tab: str, now: datetime, today: datetime, states: Sequence[str] = (), due: str = STORED
) -> Q:
    """What a tab holds, `due` being the column by which cases fall due. "All open" gives way to a filter by states, so that ended
    cases can be found."""
    if tab == Tab.RESOLVED_TODAY:
        return Q(state=State.RESOLVED, resolved_at__gte=today)
    if tab == Tab.OPEN and not set(states) <= set(OPEN_STATES):
        return Q()
    return OPEN & {
        Tab.MINE: Q(owner_id=user_id),
        Tab.UNASSIGNED: Q(owner=None),
        Tab.DUE_SOON: _due_by(due, now + timedelta(hours=DUE_SOON_HOURS)) & Q(**{f"{due}__gt": now}),
        Tab.BREACHED: _due_by(due, now),
        Tab.WAITING: Q(state__in=WAITING_STATES),
    }.get(Tab(tab), Q())


def _due_by(due: str, until: datetime) -> Q:
    """The column counts every promise, so it is never the later of the two; its indexes find what is asked for."""
    return Q(**{f"{name}__lte": until for name in (STORED, due)})


def _order(tab: str, filters: QueueFilters, due: str) -> tuple[str, ...]:
    if tab == Tab.RESOLVED_TODAY:
        return ("-resolved_at", "-id")
    # Ended cases fall due no more: the newest come first.
    return (due, "id") if set(filters.state) <= set(OPEN_STATES) else ("-id",)


def _narrowed(filters: QueueFilters, now: datetime) -> Q:
    found = Q()
    for name in ("service", "site"):
        if values := getattr(filters, name):
            found &= Q(**{f"{name}_id__in": values})
    if filters.state:
        found &= Q(state__in=filters.state)
    if filters.severity:
        found &= Q(severity__in=filters.severity)
    if filters.owner:
        found &= _owned(filters.owner, now)
    if filters.issue:
        found &= _about(filters.issue)
    return found & _aged(filters.age, now) & text_condition(filters.q)


def _owned(owners: Sequence[int], now: datetime) -> Q:
    named = [owner for owner in owners if owner not in (UNOWNED, GONE)]
    found = Q(owner_id__in=named) if named else Q(pk__in=[])
    found = found | Q(owner=None) if UNOWNED in owners else found
    return found | left_by_owner(now) if GONE in owners else found


def _about(issues: Sequence[int]) -> Q:
    """Cases of these issue types or of any below them."""
    return Q(issue_type__in=issues) | Q(issue_type__parent__in=issues) | Q(issue_type__parent__parent__in=issues)


def _aged(age: str, now: datetime) -> Q:
    days = {Age.DAY: 1, Age.WEEK: 7, Age.MONTH: 30}
    if age == Age.OLDER:
        return Q(opened_at__lt=now - timedelta(days=30))
    return Q(opened_at__gte=now - timedelta(days=days[Age(age)])) if age in days else Q()


def text_condition(text: str) -> Q:
    """Cases whose subject or customer reference holds the words; a reference like EC-20418 names its case.

    Open and ended cases have an index of their own, which the planner takes only if the condition names them.
    """
    text = text.strip()
    if not text:
        return Q()
    number = typed_number(text)
    words = query_text(text)
    found = Q(search=SearchQuery(words, config="simple", search_type="raw")) & (OPEN | ~OPEN)
    by_words = found if words else Q(pk__in=[])
    return Q(pk=number) | by_words if number and text.isdigit() else Q(pk=number) if number else by_words


def tab_counts(actor: Actor, *, scope: Scope | None = None, filters: QueueFilters = NO_FILTERS) -> dict[str, int]:
    """How many cases each tab holds, counted to 1,001 at most. One query; two for words that very many cases hold."""
    scope = scope_asked(actor, filters.owner, scope)
    user_id, inner = actor.user_id or 0, inner_scope(actor)
    if text_condition(filters.q):
        found, *counts = asked(_counting_found(scope, inner, user_id, filters))
        if found <= FOUND_CAP:
            return {tab: min(n, COUNT_CAP) for tab, n in zip(Tab.values, counts, strict=True)}
    return dict(zip(Tab.values, asked(_counting(scope, inner, user_id, filters)), strict=True))


@lru_cache(maxsize=256)
def _counting(scope: Scope, inner: Scope | None, user_id: int, filters: QueueFilters) -> Statement:
    """Counts each tab by itself, so that none is read further than it is counted. Kept: making it costs more than asking."""
    parts: list[str] = []
    params: list[Any] = []
    seen = with_due(Case.objects.filter(condition(scope)), inner).filter(_narrowed(filters, THEN))
    for tab in Tab.values:
        rows = seen.filter(_tab_condition(user_id, tab, THEN, THAT_DAY, due=due_column(inner)))
        try:
            sql, values = rows.order_by().values("pk")[:COUNT_CAP].query.sql_with_params()
        except EmptyResultSet:  # Django sees that nothing can match, as for a text without a word
            parts.append("0")
            continue
        # The statement is Django's own, its values stay parameters, and the tab is one of ours.
        parts.append(f"(SELECT count(*) FROM ({sql}) AS {tab})")  # noqa: S608
        params += values
    return f"SELECT {', '.join(parts)}", tuple(params)


@lru_cache(maxsize=256)
def _counting_found(scope: Scope, inner: Scope | None, user_id: int, filters: QueueFilters) -> Statement:
    """Counts what some words find, all and by tab, in one look: right unless there is more than `FOUND_CAP` of it."""
    seen = with_due(Case.objects.filter(condition(scope)), inner).filter(_narrowed(filters, THEN))
    tabs = {tab: _tab_condition(user_id, tab, THEN, THAT_DAY, due=due_column(inner)) for tab in Tab.values}
    rows = seen.filter(tabs[Tab.OPEN] | tabs[Tab.RESOLVED_TODAY]).annotate(**tabs).order_by()
    try:
        sql, params = rows.values(*tabs)[: FOUND_CAP + 1].query.sql_with_params()
    except EmptyResultSet:
        return f"SELECT {', '.join('0' for _ in (None, *tabs))}", ()
    counts = ", ".join(f'count(*) FILTER (WHERE "{tab}")' for tab in tabs)
    return f"SELECT count(*), {counts} FROM ({sql}) AS found", tuple(params)  # noqa: S608


def queue_version(
    actor: Actor,
    tab: str = Tab.OPEN,
    filters: QueueFilters = NO_FILTERS,
    *,
    cursor: str | None = None,
    scope: Scope | None = None,
) -> str:
    """A mark that changes when anything on the page may have changed: rows, their order, their facts, the counts."""
    inner = inner_scope(actor)
    rows = _cases_of(actor, tab, filters, scope, inner).only(
        "id", "version", "updated_at", "next_due_at", "resolved_at", "escalation_level", "owner_id"
    )
    page = keyset_page(rows, order=_order(tab, filters, due_column(inner)), cursor=cursor, size=PAGE_SIZE)
    seen = [(c.pk, c.version, c.updated_at, shown_due(c, inner), getattr(c, level_column(inner))) for c in page.items]
    text = repr((seen, tab_counts(actor, scope=scope), page.next_cursor is None, page.prev_cursor is None))
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
