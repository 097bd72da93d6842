"""Addresses kept under a name, and their mailing. A matter of one's own, so it leaves no trace in the audit."""

from datetime import datetime, time
from typing import Final

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.notifications.actions import queue
from portal.notifications.rules import zone_or_utc

from ..access.follow import get_view
from ..models import Mailing, SavedView
from ..queries.scope import reads_figures
from ..rules.mailings import next_due

MAILING: Final = "kpis.mailing"
# More than this nobody finds in a menu.
MOST_VIEWS: Final = 100
BATCH: Final = 50


class RefusedError(Exception):
    """Why it cannot be saved: `code` is taken or full."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def save_view(*, actor: Actor, name: str, path: str, query: str) -> SavedView:
    """Keep an address of this wing. Raises RefusedError for a name in use and beyond 100 views."""
    if not reads_figures(actor) or actor.user_id is None:
        raise Http404
    if SavedView.objects.filter(user_id=actor.user_id).count() >= MOST_VIEWS:
        raise RefusedError("full")
    return _saved(SavedView(user_id=actor.user_id, name=name, path=path, query=query))


def rename_view(*, actor: Actor, view_id: int, name: str) -> SavedView:
    """Give a view another name. Raises Http404 for somebody else's and RefusedError for a name in use."""
    view = get_view(actor, view_id)
    view.name = name
    return _saved(view)


def delete_view(*, actor: Actor, view_id: int) -> None:
    """Forget a view and its mailing. Raises Http404 for somebody else's."""
    get_view(actor, view_id).delete()


def mail_view(
    *, actor: Actor, view_id: int, every: str, weekday: int, monthday: int, at: time, time_zone: str
) -> Mailing:
    """Have a view mailed from now on, or at other times than so far. Raises Http404 for somebody else's."""
    with transaction.atomic():
        view = get_view(actor, view_id, for_update=True)
        due = next_due(every, weekday, monthday, at, zone_or_utc(time_zone), timezone.now())
        terms = {
            "every": every,
            "weekday": weekday,
            "monthday": monthday,
            "at": at,
            "time_zone": time_zone,
            "next_at": due,
        }
        return Mailing.objects.update_or_create(view=view, defaults=terms)[0]


def stop_mailing(*, actor: Actor, view_id: int) -> None:
    """Have it mailed no longer. Raises Http404 for somebody else's."""
    Mailing.objects.filter(view=get_view(actor, view_id)).delete()


def send_mailings(now: datetime | None = None) -> int:
    """Queue what is due and move it on, once however many workers ask; how many. What was missed goes out once, now."""
    moment, sent = now or timezone.now(), 0
    while taken := _queue_due(moment):
        sent += taken
    return sent


@transaction.atomic
def _queue_due(now: datetime) -> int:
    due = Mailing.objects.select_for_update(skip_locked=True, of=("self",)).filter(next_at__lte=now).order_by("pk")
    rows = list(due[:BATCH])
    queue(MAILING, {f"{MAILING}:{row.pk}:{row.next_at.isoformat()}": {"mailing": row.pk} for row in rows})
    for row in rows:
        row.next_at = next_due(row.every, row.weekday, row.monthday, row.at, zone_or_utc(row.time_zone), now)
    Mailing.objects.bulk_update(rows, ["next_at"])
    return len(rows)


def _saved(view: SavedView) -> SavedView:
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        raise RefusedError("taken") from error
    return view
