"""Contracts, disputed time ranges and results, fetched and authorised in one call. Rows out of sight raise Http404."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404

from portal.accounts.rules import Actor

from .. import queries
from ..models import Contract, Exclusion, Schedule
from ..queries import agreements
from ..rules import standing
from ..rules.standing import Place

if TYPE_CHECKING:
    from partners.models import Site


def one[M: Model](rows: QuerySet[M], for_update: bool = False, **key: object) -> M:
    """The row of this key, locked if asked. Raises Http404."""
    if for_update:
        rows = rows.select_for_update(of=("self",), no_key=True)
    row = rows.filter(**key).first()
    if row is None:
        raise Http404
    return row


def get_covered_site(actor: Actor, code: str) -> "Site":
    """A site whose contract and results the actor reads, with its partner."""
    return one(queries.sites_visible_to(actor).select_related("partner"), code=code)


def get_contract(actor: Actor, code: str, *, for_update: bool = False) -> Contract:
    """A contract by code, with its partner."""
    return one(agreements.contracts_visible_to(actor), for_update, code=code)


def get_schedule(actor: Actor, code: str, number: int) -> Schedule:
    """A version of a contract's scorecard, with the contract."""
    contract = get_contract(actor, code)
    return one(Schedule.objects.select_related("contract__partner"), contract=contract, number=number)


def get_exclusion(actor: Actor, pk: int, *, for_update: bool = False) -> Exclusion:
    """A disputed time range, with its site and who proposed and decided it."""
    return one(agreements.exclusions_visible_to(actor), for_update, pk=pk)


def speaking(actor: Actor, site: Any, *sides: str) -> tuple[str, Actor]:
    """The side that the actor speaks for at a visible site, and as who. Raises PermissionDenied (the 403 page)."""
    place = Place(site.pk, site.partner_id)
    for side in sides or (standing.COMPANY, standing.PARTNER):
        if allowed := standing.deciding(actor, place, side):
            return side, allowed
    raise PermissionDenied


def configuring(actor: Actor, contract: Contract) -> Actor:
    """The actor as who they may write a visible contract. Raises PermissionDenied."""
    return permit(agreements.configurer(actor, contract))


def permit(allowed: Actor | None) -> Actor:
    """The actor as who they act. Raises PermissionDenied for a visible row they may not change."""
    if allowed is None:
        raise PermissionDenied
    return allowed
