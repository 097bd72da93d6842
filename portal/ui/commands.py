"""What the palette offers to do on the open page. Wings register theirs in `AppConfig.ready`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from portal.accounts.rules import Actor


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to do: a link to the form that does it. `cap`: the key that does the same. `detail`: what comes of it, in a word;
    it is found by that and by what else it is called (`also`) as by its label."""

    label: StrOrPromise
    url: str
    icon: str
    cap: str = ""
    detail: StrOrPromise = ""
    also: Sequence[StrOrPromise] = ()


@dataclass(frozen=True, slots=True)
class Acts:
    """What may be done on one page, under the name of what it shows."""

    label: StrOrPromise
    commands: Sequence[Command]


#: From the address of the open page to what the actor may do there; None for pages of others.
ActsOf = Callable[["Actor", str], Acts | None]

_acts: dict[str, ActsOf] = {}


def register_acts(key: str, acts: ActsOf) -> None:
    """Offer acts on pages of a wing. Raises ValueError if the key is taken by others."""
    if _acts.setdefault(key, acts) != acts:
        raise ValueError(f"acts {key!r} are taken")


def acts_on_page(actor: Actor, path: str) -> Acts | None:
    """What the actor may do on the page of this address; None for pages without acts, and for those out of sight."""
    found = (acts(actor, path) for acts in _acts.values())
    return next((one for one in found if one is not None and one.commands), None)
