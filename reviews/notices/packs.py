"""Kinds of notification about packs: drafts that wait for a side, and publications with what their mail shows."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from django.template.loader import render_to_string
from django.urls import reverse

from portal.accounts.rules import Actor
from portal.notifications.registry import MailPart, NotificationKind, register_kind, seen_in_part

from ..actions.telling import PACK, PUBLISHED
from ..models import Pack
from ..queries import audience, packs
from ..rendering.letters import letter_of
from ..wording import heard

if TYPE_CHECKING:
    from portal.notifications.models import Notification

# A mail about more packs than this shows the first ones; all are on the page that it leads to.
MOST: Final = 3


def visible(actor: Actor, notifications: Sequence["Notification"]) -> Mapping[int, Collection[int]]:
    """Those about a pack that the reader may see now."""
    ids = {pk for one in notifications for pk in one.subject_ids}
    return seen_in_part(notifications, packs.seen_ids(actor, ids))


def mail_parts(notifications: Sequence["Notification"]) -> Mapping[int, MailPart]:
    """Each publication with its scores, its exceptions and a chart."""
    wanted = {one.pk: one.subject_ids[:MOST] for one in notifications}
    ids = {pk for found in wanted.values() for pk in found}
    rows = Pack.objects.filter(pk__in=ids).select_related("kind", "site__partner", "partner")
    letters = {pack.pk: letter_of(pack) for pack in rows}
    parts = {}
    for pk, ids_ in wanted.items():
        found = [letters[one] for one in ids_ if one in letters]
        text, html = (
            render_to_string(f"reviews/email/_published.{end}", {"letters": found}) for end in ("txt", "html")
        )
        parts[pk] = MailPart(text, html, tuple(one.chart.picture for one in found if one.chart))
    return parts


def _list() -> str:
    return reverse("reviews:packs")


def register() -> None:
    """Make them known."""
    register_kind(NotificationKind(PACK, heard.of_draft, visible, audience.of_packs, _list, "file"))
    register_kind(
        NotificationKind(PUBLISHED, heard.of_publication, visible, audience.of_publications, _list, "file", mail_parts)
    )
