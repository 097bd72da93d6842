"""What wings hang into the API: routes, and the scopes that tokens may have. Filled in `AppConfig.ready`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
    from ninja import Router

    from portal.accounts.rules import Actor


@dataclass(frozen=True, slots=True)
class Scope:
    """One thing that a token may be good for; `offered` says to whom the form offers it. The wing's own rules hold besides."""

    key: str
    label: StrOrPromise
    offered: Callable[[Actor], bool]


_scopes: dict[str, Scope] = {}
_routers: dict[str, Router] = {}


def register_scope(scope: Scope) -> None:
    """Add a scope. Raises ValueError if another one has its key."""
    if _scopes.setdefault(scope.key, scope) != scope:
        raise ValueError(f"scope {scope.key!r} is taken")


def register_router(prefix: str, router: Router) -> None:
    """Hang routes in under /api/v1 and a prefix such as "/cases". Raises ValueError if it is taken."""
    if _routers.setdefault(prefix, router) is not router:
        raise ValueError(f"prefix {prefix!r} is taken")


def scopes() -> list[Scope]:
    """Every scope, in the order in which they were registered."""
    return list(_scopes.values())


def scopes_for(actor: Actor) -> list[Scope]:
    """The scopes that a token of this person may have."""
    return [scope for scope in _scopes.values() if scope.offered(actor)]


def routers() -> dict[str, Router]:
    """All routes by their prefixes."""
    return dict(_routers)
