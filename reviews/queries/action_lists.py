"""Actions as lists and the board show them: narrowed, counted, in pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, OuterRef, QuerySet, Subquery

from portal.accounts.models import User
from portal.accounts.rules import Actor

from ..choices import ENDED_ACTIONS, LIVE_ACTIONS, OPEN_ACTIONS, ActionState
from ..models import Action
from .scope import actions_visible_to

MINE: Final = "mine"
#: Days that an action is old at least, as the filter offers them.
AGES: Final = (7, 30, 90)
TABS: Final[Mapping[str, tuple[str, ...]]] = {
    "todo": OPEN_ACTIONS,
    "verify": (ActionState.DONE,),
    "closed": ENDED_ACTIONS,
}
COLUMNS: Final = (ActionState.OPEN, ActionState.UNDER_WAY, ActionState.DONE, ActionState.VERIFIED)
ON_BOARD: Final = 12
_MOST_OWNERS: Final = 300


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a list is narrowed to; an empty field narrows nothing. `age` in days, at least."""

    site_id: int | None = None
    owner_id: int | None = None
    source: str = ""
    side: str = ""
    age: int | None = None
    overdue: bool = False
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the board: its first actions, and how many it has."""

    state: ActionState
    count: int
    rows: list[Action]


def narrowed(actor: Actor, to: Narrowed, now: datetime) -> QuerySet[Action]:
    """Actions in the actor's sight, as far as they fit."""
    rows = actions_visible_to(actor)
    wanted: dict[str, Any] = {
        "site": to.site_id, "owner": to.owner_id, "source": to.source, "side": to.side,
        "created_at__lte": now - timedelta(days=to.age) if to.age else None,
        "is_overdue": True if to.overdue else None,
    }  # fmt: skip
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    return rows.filter(owner__in={actor.user_id or 0, *actor.principal_ids}) if to.mine else rows


def counts(rows: QuerySet[Action]) -> dict[str, int]:
    """How many of these are in each state. One query."""
    counted = rows.order_by().values("state").annotate(number=Count("pk"))
    found = dict(counted.values_list("state", "number"))
    return {state.value: found.get(state.value, 0) for state in ActionState}


def listed(rows: QuerySet[Action], tab: str) -> tuple[QuerySet[Action], tuple[str, str]]:
    """The rows of a tab and their order: what is to do by when it is due, what is over the newest first."""
    order = ("-created_at", "-id") if tab == "closed" else ("due_at", "id")
    return shown(rows.filter(state__in=TABS[tab])), order


def shown(rows: QuerySet[Action]) -> QuerySet[Action]:
    """With what a row names."""
    return rows.select_related("site", "partner", "owner", "kpi").defer("text", "evidence")


def board(rows: QuerySet[Action], number: Mapping[str, int]) -> list[Column]:
    """The columns with their first actions. A query each."""
    found = []
    for state in COLUMNS:
        order = ("-verified_at", "-pk") if state == ActionState.VERIFIED else ("due_at", "pk")
        mine = shown(rows.filter(state=state)).order_by(*order)[:ON_BOARD] if number[state.value] else ()
        found.append(Column(state, number[state.value], list(mine)))
    return found


def owners_in(actor: Actor) -> list[tuple[int, str]]:
    """Who owns an action in the actor's sight that is still somebody's business, by name. One query.

    Each of the people is asked for one such action, by index; not all actions for their owners.
    """
    theirs = actions_visible_to(actor).filter(state__in=LIVE_ACTIONS, owner=OuterRef("pk")).order_by()
    rows = User.objects.annotate(one=Subquery(theirs.values("pk")[:1])).filter(one__isnull=False)
    return list(rows.order_by("name", "pk").values_list("pk", "name")[:_MOST_OWNERS])


def open_count(actor: Actor) -> int:
    """How many the actor, or whom they stand in for, has to do."""
    own = {actor.user_id or 0, *actor.principal_ids}
    return actions_visible_to(actor).filter(owner__in=own, state__in=OPEN_ACTIONS).count()


def due_soon(actor: Actor, until: datetime) -> QuerySet[Action]:
    """What the actor, or whom they stand in for, has to do by an instant, the longest overdue first."""
    own = {actor.user_id or 0, *actor.principal_ids}
    rows = actions_visible_to(actor).filter(owner__in=own, state__in=OPEN_ACTIONS, due_at__lt=until)
    return shown(rows).order_by("due_at", "pk")
