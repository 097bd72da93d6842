"""Packs, fetched and authorised. Out of sight: Http404; in sight, but not theirs to do: PermissionDenied."""

from django.core.exceptions import PermissionDenied
from django.http import Http404

from portal.accounts.rules import Actor

from ..choices import PackState
from ..models import Pack
from ..queries import packs as queries
from ..queries.jobs import place_of
from ..queries.scope import packs_visible_to, reads_reviews
from ..rules import standing


def permit_reading(actor: Actor) -> None:
    """Packs are for those who read figures. Raises Http404."""
    if not reads_reviews(actor):
        raise Http404


def get_pack(actor: Actor, pk: int, *, for_update: bool = False) -> Pack:
    """A pack about what the actor sees in whole."""
    rows = packs_visible_to(actor).select_related("kind", "site__partner", "partner")
    if for_update:
        rows = rows.select_for_update(of=("self",), no_key=True)
    pack = rows.filter(pk=pk).first()
    if pack is None:
        raise Http404
    return pack


def speaking(actor: Actor, pack: Pack) -> tuple[str, Actor]:
    """The side that the actor comments and acknowledges for, and as who."""
    found = queries.side_at(actor, pack)
    if found is None:
        raise PermissionDenied
    return found


def publishing(actor: Actor, pack: Pack) -> Actor:
    """The actor as who they publish it."""
    return _allowed(standing.publishing(actor, place_of(pack)))


def running(actor: Actor, pack: Pack) -> Actor:
    """The actor as who they have it made again."""
    return _allowed(standing.running(actor, place_of(pack)))


def revising(actor: Actor, pack: Pack) -> Actor:
    """The actor as who they have its numbers made anew: of a published pack whoever publishes, of a draft whoever runs reviews."""
    return publishing(actor, pack) if pack.state == PackState.PUBLISHED else running(actor, pack)


def _allowed(actor: Actor | None) -> Actor:
    if actor is None:
        raise PermissionDenied
    return actor
