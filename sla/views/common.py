"""What the views of this wing have in common."""

from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from portal.accounts.rules import Actor
from sla import access


def actor_of(request: HttpRequest) -> Actor:
    """Who asks; the middleware put it there."""
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


def reader(request: HttpRequest) -> Actor:
    """The actor, who may look at calendars and policies. Raises Http404 for all others."""
    actor = actor_of(request)
    if not access.may_see_policies(actor):
        raise Http404
    return actor


def configurer(request: HttpRequest) -> Actor:
    """The actor, who may change calendars. Raises Http404 for strangers and PermissionDenied for readers."""
    actor = reader(request)
    if not access.may_configure(actor):
        raise PermissionDenied
    return actor
