"""Actions as lists and the board show them: narrowed, counted, in pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet

from portal.accounts.models import User
from portal.accounts.rules import Actor
from portal.ui.pagination import capped_counts

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
_SHOWN: Final = (
    "title", "state", "side", "source", "due_at", "is_overdue", "created_at", "verified_at", "owner__name",
    *(f"{place}__{name}" for place in ("site", "partner") for name in ("name", "name_zh")), "site__time_zone",
)  # fmt: skip


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
    """A column of the board: its first actions, and how many it has, counted to 1,001 at most."""

    state: ActionState
    count: int
    rows: list[Action]


def narrowed(rows: QuerySet[Action], actor: Actor, to: Narrowed, now: datetime) -> QuerySet[Action]:
    """Of these actions in the actor's sight those that fit."""
    wanted: dict[str, Any] = {
        "site": to.site_id, "owner": to.owner_id, "source": to.source, "side": to.side,
        "created_at__lte": now - timedelta(days=to.age) if to.age else None,
        "is_overdue": True if to.overdue else None,
    }  # fmt: skip
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    return rows.filter(owner__in={actor.user_id or 0, *actor.principal_ids}) if to.mine else rows


def tab_counts(rows: QuerySet[Action]) -> dict[str, int]:
    """How many of these each tab has, counted to 1,001 at most. One query."""
    return capped_counts({tab: rows.filter(state__in=states) for tab, states in TABS.items()})


def column_counts(rows: QuerySet[Action]) -> dict[str, int]:
    """How many of these each column of the board has, counted to 1,001 at most. One query."""
    return capped_counts({state.value: rows.filter(state=state) for state in COLUMNS})


def listed(rows: QuerySet[Action], tab: str) -> tuple[QuerySet[Action], tuple[str, str]]:
    """The rows of a tab and their order: what is to do by when it is due, what is over the newest first."""
    order = ("-created_at", "-id") if tab == "closed" else ("due_at", "id")
    return shown(rows.filter(state__in=TABS[tab])), order


def shown(rows: QuerySet[Action]) -> QuerySet[Action]:
    """With what a row names, and nothing else."""
    return rows.select_related("site", "partner", "owner").only(*_SHOWN)


def board(rows: QuerySet[Action]) -> list[Column]:
    """The columns with their first actions. A query each, and one that counts."""
    found, number = [], column_counts(rows)
    for state in COLUMNS:
        order = ("-verified_at", "-pk") if state == ActionState.VERIFIED else ("due_at", "pk")
        mine = shown(rows.filter(state=state)).order_by(*order)[:ON_BOARD] if number[state.value] else ()
        found.append(Column(state, number[state.value], list(mine)))
    return found


def owners_of(actions: QuerySet[Action]) -> list[tuple[int, str]]:
    """Who owns one of these actions that is still somebody's business, by name. One query.

    Asked for whether there is one, the database looks once at an index for each of the people, or reads a site's few actions.
    """
    theirs = actions.filter(state__in=LIVE_ACTIONS, owner=OuterRef("pk")).order_by()
    rows = User.objects.filter(Exists(theirs)).order_by("name", "pk")
    return list(rows.values_list("pk", "name")[:_MOST_OWNERS])


def open_count(actor: Actor) -> int:
    """How many the actor, or whom they stand in for, has to do."""
    own = {actor.user_id or 0, *actor.principal_ids}
    return actions_visible_to(actor).filter(owner__in=own, state__in=OPEN_ACTIONS).count()


def due_soon(actor: Actor, until: datetime) -> QuerySet[Action]:
    """What the actor, or whom they stand in for, has to do by an instant, the longest overdue first."""
    own = {actor.user_id or 0, *actor.principal_ids}
    rows = actions_visible_to(actor).filter(owner__in=own, state__in=OPEN_ACTIONS, due_at__lt=until)
    return shown(rows).order_by("due_at", "pk")
