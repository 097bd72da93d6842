"""The only ways to a row: one's own notifications, and for administrators what failed."""

from django.http import Http404
from django.shortcuts import get_object_or_404

from portal.accounts.rules import Actor
from portal.notifications import queries
from portal.notifications.models import DemoMail, Notification, OutboxRow
from portal.notifications.queries import dead_letters, demo_mails, inbox_of, shown

# Ids beyond this are no bigint; the database would refuse to compare them.
MAX_ID = 2**63 - 1


def get_notification(actor: Actor, pk: int, *, for_update: bool = False) -> Notification:
    """A line of the actor's own inbox whose subject they may still see. Raises Http404."""
    rows = inbox_of(actor)
    found = get_object_or_404(rows.select_for_update() if for_update else rows, pk=_bigint(pk))
    if not shown(actor, [found]):
        raise Http404
    return found


def get_dead(actor: Actor, pk: int, *, for_update: bool = False) -> OutboxRow:
    """A dead row, for whoever may handle them. Raises Http404."""
    rows = dead_letters(actor)
    return get_object_or_404(rows.select_for_update() if for_update else rows, pk=_bigint(pk))


def require_demo(actor: Actor) -> None:
    """Raises Http404 unless this is a demo and the actor may see its mails."""
    if not queries.sees_demo_mails(actor):
        raise Http404


def get_demo_mail(actor: Actor, pk: int) -> DemoMail:
    """A mail of the demo. Raises Http404."""
    return get_object_or_404(demo_mails(actor), pk=_bigint(pk))


def _bigint(pk: int) -> int:
    if pk > MAX_ID:
        raise Http404
    return pk
