"""Where somebody may raise actions: sites, whole partners, the network."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from partners import queries as directory
from portal.accounts.rules import Actor

from ..queries.actions import choices_for
from ..queries.scope import sees_network, sites_visible_to, whole_partner_ids
from ..rules.standing import Place, running


@dataclass(frozen=True, slots=True)
class Spot:
    """A place with its name, how an address names it, and its zone."""

    place: Place
    key: str
    label: str
    zone: str


def spots_for(actor: Actor) -> list[Spot]:
    """Sites by name, then whole partners and the network for those of the company who see all of it. A few queries."""
    rows = sites_visible_to(actor).filter(archived_at=None).select_related("partner").order_by("name", "pk")
    sites = choices_for(actor, rows)
    found = [Spot(Place(one.pk, one.partner_id), f"site-{one.code}", one.label, one.time_zone) for one in sites]
    partners = _whole(actor)
    found += [
        Spot(Place(None, pk), f"partner-{code}", _("All of %(partner)s") % {"partner": name}, "UTC")
        for pk, code, name in partners
    ]
    if sites and running(actor, Place()) is not None and sees_network(actor):
        found.append(Spot(Place(), "network", _("Network"), "UTC"))
    return found


def get_spot(spots: Sequence[Spot], place: Place) -> Spot:
    """Where the actor raises actions, by its place. Raises PermissionDenied where they raise none."""
    found = next(
        (one for one in spots if (one.place.site_id, _partner(one.place)) == (place.site_id, _partner(place))), None
    )
    if found is None:
        raise PermissionDenied
    return found


def _partner(place: Place) -> int | None:
    return None if place.site_id is not None else place.partner_id


def _whole(actor: Actor) -> list[tuple[int, str, str]]:
    if not actor.can("run_reviews"):
        return []
    whole = whole_partner_ids(actor)
    rows = directory.partners_visible_to(actor).filter(archived_at=None).order_by("name", "pk")
    return [
        (one.pk, one.code, one.label) for one in rows
        if (whole is None or one.pk in whole) and running(actor, Place(None, one.pk)) is not None
    ]  # fmt: skip
