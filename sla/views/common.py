"""What the views of this wing have in common."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from sla import access


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
