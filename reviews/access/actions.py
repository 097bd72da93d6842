"""Actions, fetched and authorised. Out of sight: Http404; visible, but not theirs to move: PermissionDenied."""

import re
from typing import Final

from django.core.exceptions import PermissionDenied
from django.http import Http404

from portal.accounts.rules import Actor

from ..models import Action
from ..queries import actions as queries
from ..queries.scope import actions_visible_to
from ..rules.actions import may

_REF: Final = re.compile(r"(?:A-)?([1-9][0-9]{0,17})", re.IGNORECASE)


def number_of(ref: str | int) -> int | None:
    """The primary key behind A-12 or 12; None for anything else."""
    found = _REF.fullmatch(str(ref).strip())
    return int(found[1]) if found else None


def get_action(actor: Actor, ref: str | int, *, for_update: bool = False) -> Action:
    """An action in the actor's sight, with its names; locked if asked."""
    rows = actions_visible_to(actor)
    if for_update:
        rows = rows.select_for_update(of=("self",), no_key=True)
    number = number_of(ref)
    action = queries.with_names(rows).filter(pk=number).first() if number else None
    if action is None:
        raise Http404
    return action


def action_to(actor: Actor, ref: str | int, verb: str) -> tuple[Action, Actor]:
    """An action, locked, and the actor as who they do this with it."""
    action = get_action(actor, ref, for_update=True)
    allowed = may(actor, queries.about_of(action), verb)
    if allowed is None:
        raise PermissionDenied
    return action, allowed


def verbs_for(actor: Actor, action: Action) -> dict[str, Actor]:
    """What the actor may do with an action in hand, whatever its state, and as who."""
    about = queries.about_of(action)
    found = {
        verb: may(actor, about, verb) for verb in ("take", "done", "change", "drop", "verify", "send_back", "note")
    }
    return {verb: allowed for verb, allowed in found.items() if allowed is not None}
