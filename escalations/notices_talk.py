"""Being named in a note, and feedback: who hears of it, where it leads, and until when."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from escalations import queries
from escalations.actions import FEEDBACK_ANSWERED, FEEDBACK_GIVEN, MENTION_KIND
from escalations.queries import mentions
from escalations.queries.feedback import feedback_seen_by
from portal.accounts.rules import Actor
from portal.notifications.registry import Delivery, NotificationKind, register_kind, seen_in_part

if TYPE_CHECKING:
    from portal.notifications.models import Notification

Params = Mapping[str, Any]


def register() -> None:
    """Make them known."""
    register_kind(NotificationKind(MENTION_KIND, _mentioned, visible, resolve, _list, "chat"))
    register_kind(NotificationKind(FEEDBACK_GIVEN, _feedback, visible_feedback, None, _feedbacks, "heart"))
    register_kind(NotificationKind(FEEDBACK_ANSWERED, _answered, visible_feedback, None, _feedbacks, "heart"))


def _mentioned(p: Params, count: int) -> str:
    if count == 1 and p:
        return _("You were named in a note on %(ref)s") % {"ref": p.get("ref", "")}
    return ngettext("You were named in %(n)d note", "You were named in %(n)d notes", count) % {"n": count}


def _feedback(p: Params, count: int) -> str:
    if count == 1 and p:
        return _("A colleague gave you feedback on %(ref)s") % {"ref": p.get("ref", "")}
    return ngettext("Feedback on %(n)d case", "Feedback on %(n)d cases", count) % {"n": count}


def _answered(p: Params, count: int) -> str:
    if count == 1 and p:
        return _("Your feedback on %(ref)s was answered") % {"ref": p.get("ref", "")}
    return ngettext("An answer to your feedback", "%(n)d answers to your feedback", count) % {"n": count}


def visible_feedback(actor: Actor, notifications: Sequence["Notification"]) -> Mapping[int, Collection[int]]:
    """Those about feedback that the reader may read."""
    ids = {pk for one in notifications for pk in one.subject_ids}
    return seen_in_part(notifications, set(feedback_seen_by(actor).filter(pk__in=ids).values_list("pk", flat=True)))


def _feedbacks() -> str:
    return reverse("escalations:feedback")


def resolve(payloads: list[Params]) -> list[Delivery]:
    """Whoever was named, if the words are still there and they see the case with its notes now. Never urgent."""
    standing = mentions.still_told({(p["user"], p["entry"]) for p in payloads})
    pairs = {(p["user"], p["case"]) for p in payloads if (p["user"], p["entry"]) in standing}
    allowed, cases = queries.seeing_pairs(pairs, timezone.now(), inside=True)
    return [
        Delivery(p["user"], p["case"], _url(cases[p["case"]].ref, p["entry"]), {"ref": cases[p["case"]].ref})
        for p in payloads
        if (p["user"], p["entry"]) in standing and (p["user"], p["case"]) in allowed
    ]


def visible(actor: Actor, notifications: Sequence["Notification"]) -> Mapping[int, Collection[int]]:
    """Those about a case whose notes name the reader, who sees them."""
    ids = {pk for one in notifications for pk in one.subject_ids}
    return seen_in_part(notifications, mentions.cases_naming(actor, ids))


def _url(ref: str, entry: int) -> str:
    return f"{reverse('escalations:case', args=[ref])}#e{entry}"


def _list() -> str:
    return reverse("escalations:mentions")
