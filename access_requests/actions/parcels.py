"""What channels are given about items."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from partners import queries as directory
from partners.choices import Language
from portal.accounts.rules import SYSTEM

from ..channels import Parcel
from ..choices import DISPATCHED_STATES, Channel, ItemState, Operation
from ..models import Account, Grant, RequestItem
from .dispatching import key_of

_GOING = (ItemState.QUEUED, *DISPATCHED_STATES)


def parcels(item_ids: Collection[int]) -> dict[int, Parcel]:
    """Item -> its parcel, in six queries whatever the number."""
    rows = RequestItem.objects.filter(pk__in=item_ids).select_related("person", "entitlement__system__webhook_target")
    items = list(rows.order_by("pk"))
    people = {one.person_id for one in items}
    places, accounts, needed = _places(people), _accounts(people), _needed(people)
    found = {}
    for one in items:
        system = one.entitlement.system
        site, role = places.get(one.person_id, _NOWHERE)
        zh = system.channel == Channel.EMAIL and system.ticket_language == Language.CHINESE
        found[one.pk] = Parcel(
            item_id=one.pk,
            generation=one.generation,
            reference=f"AR-{one.request_id}/{one.pk}",
            key=key_of(one.pk, one.generation),
            operation=one.operation,
            system=system,
            entitlement=one.entitlement,
            person_id=one.person_id,
            name=one.person.name,
            email=one.person.email,
            site=site.chinese if zh else site.name,
            job_role=role.chinese if zh else role.name,
            account=accounts.get((one.person_id, system.pk), ""),
            last=not needed.get((one.person_id, system.pk), set()) - {one.entitlement_id},
            since=one.approved_at or one.created_at,
        )
    return found


@dataclass(frozen=True, slots=True)
class _Name:
    name: str
    name_zh: str

    @property
    def chinese(self) -> str:
        return self.name_zh or self.name


_NOWHERE: Final = (_Name("", ""), _Name("", ""))


def _places(person_ids: Collection[int]) -> Mapping[int, tuple[_Name, _Name]]:
    """Person -> names of the site and the job role where they work or last worked."""
    rows = directory.placements_visible_to(SYSTEM).filter(person_id__in=person_ids, kind="primary").order_by("period")
    found = rows.values_list("person_id", "site__name", "site__name_zh", "job_role__name", "job_role__name_zh")
    return {person: (_Name(site, site_zh), _Name(role, role_zh)) for person, site, site_zh, role, role_zh in found}


def _accounts(person_ids: Collection[int]) -> Mapping[tuple[int, int], str]:
    rows = Account.objects.filter(person_id__in=person_ids).values_list("person_id", "system_id", "external_id")
    return {(person, system): external for person, system, external in rows}


def _needed(person_ids: Collection[int]) -> Mapping[tuple[int, int], set[int]]:
    """(person, system) -> entitlements that are held there and not being taken away."""
    going = set(
        RequestItem.objects.filter(
            person_id__in=person_ids, operation=Operation.REVOKE, state__in=_GOING
        ).values_list("person_id", "entitlement_id")
    )  # fmt: skip
    held = Grant.objects.filter(person_id__in=person_ids, ended_at=None)
    found: dict[tuple[int, int], set[int]] = {}
    for person, entitlement, system in held.values_list("person_id", "entitlement_id", "entitlement__system_id"):
        if (person, entitlement) not in going:
            found.setdefault((person, system), set()).add(entitlement)
    return found
