"""What people are sent: notifications of signals, with what their mail shows besides, and views as PDF."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from portal.accounts.rules import Actor
from portal.notifications.registry import (
    MailPart,
    NotificationKind,
    OutboxTopic,
    register_kind,
    register_topic,
    seen_in_part,
)

from .actions.alerts import SIGNAL
from .actions.saved_views import MAILING
from .actions.verifying import DIFFERENCES
from .queries import signals
from .views import agreement_words, difference_words
from .views.mailed import deliver
from .views.signal_tables import deliveries, tables
from .views.signal_words import sentence

if TYPE_CHECKING:
    from portal.notifications.models import Notification

# A mail about more signals than this shows the first ones; all are on the page that it leads to.
MOST_TABLES: Final = 5


def _title(params: Mapping[str, Any], count: int) -> str:
    if count == 1 and params:
        return sentence(params)
    return ngettext("%(n)d new signal", "%(n)d new signals", count) % {"n": count}


def visible(actor: Actor, notifications: Sequence["Notification"]) -> Mapping[int, Collection[int]]:
    """Those about a site whose figures the reader may see now."""
    ids = {pk for one in notifications for pk in one.subject_ids}
    return seen_in_part(
        notifications, set(signals.events_visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True))
    )


def mail_parts(notifications: Sequence["Notification"]) -> Mapping[int, MailPart]:
    """Each signal's sentence with its chart, and its last 13 weeks as a table that every mail program shows."""
    wanted = {one.pk: one.subject_ids[:MOST_TABLES] for one in notifications}
    found = tables({pk for ids in wanted.values() for pk in ids})
    parts = {}
    for pk, ids in wanted.items():
        context: dict[str, Any] = {"tables": [found[event] for event in ids if event in found], "alone": len(ids) == 1}
        text, html = (render_to_string(f"kpis/email/_signals.{ending}", context) for ending in ("txt", "html"))
        parts[pk] = MailPart(text, html, tuple(one.chart.picture for one in context["tables"] if one.chart))
    return parts


def _list() -> str:
    return reverse("kpis:alerts")


KINDS: Final = (
    NotificationKind(SIGNAL, _title, visible, deliveries, _list, "warn", mail_parts),
    NotificationKind(DIFFERENCES, difference_words.title, difference_words.visible, icon="warn"),
    *agreement_words.KINDS,
)


def register() -> None:
    """Make them known."""
    for kind in KINDS:
        register_kind(kind)
    register_topic(OutboxTopic(MAILING, _("Views by mail"), deliver))
