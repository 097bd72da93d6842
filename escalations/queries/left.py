"""Cases that nobody took off an owner who cannot work them any more: `rules.can_own` as a condition, for lists and counts."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db.models import Exists, F, OuterRef, Q

from escalations.choices import Sensitivity
from escalations.models import OPEN, Case
from escalations.rules import GRANTABLE_ROLES
from portal.accounts.choices import Role
from portal.accounts.queries import live_memberships
from portal.accounts.rules import Actor

from .kept import THEN, Statement, asked
from .letting_in import live_grants
from .scope import Scope, condition, insider, scope_of

#: Stands for these owners where a filter names owners.
GONE: Final = -1
#: Where somebody sees more cases with an owner than this, those are counted that are among the first to fall due.
LOOKED_AT: Final = 5_000
_SITE_ROLES: Final = (Role.COORDINATOR, Role.MANAGER)


def left_by_owner(at: datetime) -> Q:
    """Open cases with an owner who could not be given them at this instant: they left, moved on, or lost sight of the case.

    Each part looks up equal values only, so that the database makes a table of people once and not a search per case.
    """
    member = _holds(at, role=Role.ASSOCIATE, service=OuterRef("service"))
    at_site = _holds(at, role__in=_SITE_ROLES, site=OuterRef("site"))
    at_partner = _holds(at, role__in=_SITE_ROLES, partner__sites=OuterRef("site"))
    granted = Exists(live_grants(at).filter(user=OuterRef("owner"), case=OuterRef("pk")))
    keeps = (
        (Q(sensitivity__in=(Sensitivity.STANDARD, Sensitivity.CONFIDENTIAL)) & Q(member))
        | (Q(sensitivity=Sensitivity.STANDARD) & (Q(at_site) | Q(at_partner)))
        | (Q(sensitivity=Sensitivity.RESTRICTED) & Q(_holds(at, role__in=sorted(GRANTABLE_ROLES))) & Q(granted))
    )
    return OPEN & Q(owner__isnull=False) & ~keeps


def count_left(actor: Actor) -> int:
    """How many of them the actor sees inside, among the cases with an owner that fall due first. Queries as `scope_of` and one."""
    (number,) = asked(_counting(scope_of(insider(actor))))
    return number


@lru_cache(maxsize=256)
def _counting(scope: Scope) -> Statement:
    owned = Case.objects.filter(condition(scope), OPEN, owner__isnull=False)
    rows = owned.annotate(left=left_by_owner(THEN)).order_by(F("next_due_at").asc(nulls_last=True), "pk")
    try:
        sql, params = rows.values("left")[:LOOKED_AT].query.sql_with_params()
    except EmptyResultSet:
        return "SELECT 0", ()
    # The statement is Django's own, and its values stay parameters.
    return f'SELECT count(*) FILTER (WHERE "left") FROM ({sql}) AS owned', tuple(params)  # noqa: S608


def _holds(at: datetime, **standing: Any) -> Exists:
    return Exists(live_memberships(at).filter(user=OuterRef("owner"), **standing).order_by())


def scope_asked(actor: Actor, owners: Sequence[int], scope: Scope | None = None) -> Scope:
    """The scope in which a filter by these owners looks: who has gone is known inside alone. `scope`: the actor's own, if it
    is known already."""
    return scope_of(insider(actor)) if GONE in owners else scope or scope_of(actor)
