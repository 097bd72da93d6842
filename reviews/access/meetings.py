"""Meetings and series, fetched and authorised. Out of sight: Http404; visible, but not theirs to run: PermissionDenied."""

from django.core.exceptions import PermissionDenied
from django.http import Http404

from portal.accounts.choices import Role
from portal.accounts.rules import Actor

from ..models import Engagement, Series
from ..queries import actions, jobs
from ..queries import meetings as queries
from ..queries.scope import engagements_visible_to, series_visible_to
from ..rules.standing import COMPANY, Place, running, side_of


def get_engagement(actor: Actor, pk: int, *, for_update: bool = False) -> Engagement:
    """A meeting that the actor sees."""
    rows = engagements_visible_to(actor).select_related("site__partner", "partner", "series")
    if for_update:
        rows = rows.select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def engagement_to_run(actor: Actor, pk: int) -> tuple[Engagement, Actor]:
    """A meeting, locked, and the actor as who they run it."""
    engagement = get_engagement(actor, pk, for_update=True)
    return engagement, permit_running(actor, engagement)


def permit_running(actor: Actor, engagement: Engagement) -> Actor:
    """The actor as who they run a meeting. Raises PermissionDenied."""
    return permitted(actor, queries.place_of(engagement))


def writing(actor: Actor, engagement: Engagement) -> Actor | None:
    """The actor as who they take notes in a meeting and put topics on its agenda: who runs it, and leads at meetings of their own sites."""
    place = queries.place_of(engagement)
    found = side_of(actor, place, actions.partner_site_ids(place))
    return found[1] if found and (found[0] != COMPANY or actor.is_system or _sees(actor, place)) else None


def permit_writing(actor: Actor, engagement: Engagement) -> Actor:
    """The actor as who they take notes there. Raises PermissionDenied."""
    allowed = writing(actor, engagement)
    if allowed is None:
        raise PermissionDenied
    return allowed


def engagement_to_write(actor: Actor, pk: int) -> tuple[Engagement, Actor]:
    """A meeting, locked, and the actor as who they take notes in it."""
    engagement = get_engagement(actor, pk, for_update=True)
    return engagement, permit_writing(actor, engagement)


def get_series(actor: Actor, pk: int, *, for_update: bool = False) -> Series:
    """A series that the actor sees."""
    rows = series_visible_to(actor).select_related("site__partner", "partner")
    if for_update:
        rows = rows.select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def series_to_run(actor: Actor, pk: int) -> tuple[Series, Actor]:
    """A series, locked, and the actor as who they run it."""
    found = get_series(actor, pk, for_update=True)
    return found, permitted(actor, queries.place_of(found))


def permitted(actor: Actor, place: Place) -> Actor:
    """The actor as who they arrange and run meetings at a place."""
    allowed = running(actor, place)
    if allowed is None or not (actor.is_system or _sees(actor, place)):
        raise PermissionDenied
    return allowed


def permit_reading(actor: Actor) -> None:
    """Raises Http404 for roles that see no meeting anywhere."""
    if not queries.reads_meetings(actor):
        raise Http404


def oversees(actor: Actor) -> bool:
    """True for those who see whose calendars are read from outside, and take their addresses back."""
    return actor.has(Role.ADMINISTRATOR)


def overseeing(actor: Actor) -> Actor:
    """The actor as who they do. Raises Http404."""
    held = actor.of(Role.ADMINISTRATOR)
    if not held:
        raise Http404
    return actor.acting_as(held[0])


def permit_arranging(actor: Actor) -> None:
    """Raises Http404 or PermissionDenied for those who arrange meetings nowhere."""
    permit_reading(actor)
    if not queries.runs_somewhere(actor):
        raise PermissionDenied


def _sees(actor: Actor, place: Place) -> bool:
    return jobs.sees(actor, place)


def writer(actor: Actor) -> int:
    """Who is named as the one who arranged or wrote something; workers do neither."""
    if actor.user_id is None:
        raise PermissionDenied
    return actor.user_id
