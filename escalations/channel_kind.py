"""What channels and events of cases hang into the rooms below: outbox topic, notices, words of the trail, navigation."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from escalations.actions import events_out
from escalations.choices.hooks import TOPIC, Happening
from escalations.models import CaseSubscription, ChannelEndpoint
from escalations.notices import visible_inside
from escalations.queries import audience
from escalations.queries.channels import trouble_count
from portal.accounts.rules import Actor
from portal.audit.registry import Named, register_field, register_subject, register_verbs
from portal.notifications.registry import NotificationKind, OutboxTopic, register_kind, register_topic
from portal.ui.registry import NavItem, register_nav

Params = Mapping[str, Any]


def register() -> None:
    """Make all of it known."""
    register_topic(OutboxTopic(TOPIC, _("Event of a case"), events_out.deliver))
    register_kind(NotificationKind("case.channel_in", _came, visible_inside, audience.written_to, _mine, "chat"))
    register_nav(
        NavItem(
            "admin",
            "channels",
            _("Channels"),
            "escalations:channels",
            "chat",
            62,
            _configures,
            trouble_count,
            later=True,
        )
    )
    register_nav(
        NavItem("admin", "case_events", _("Events of cases"), "escalations:case-events", "out", 63, _configures)
    )
    _register_trail()


def _configures(actor: Actor) -> bool:
    return actor.can("configure")


def _register_trail() -> None:
    register_verbs(
        {
            "case.channel_in": _("A case received a message"),
            "channel.created": _("Added an endpoint of a channel"),
            "channel.changed": _("Changed an endpoint of a channel"),
            "channel.switched_on": _("Switched an endpoint of a channel on"),
            "channel.switched_off": _("Switched an endpoint of a channel off"),
            "channel.secret_renewed": _("Made a new secret for an endpoint of a channel"),
            "channel.secret_ended": _("Ended the former secret of an endpoint of a channel"),
            "channel.message_retried": _("Tried a message of a channel again"),
            "channel.message_put_away": _("Put a message of a channel away"),
            "case_events.subscribed": _("Let a webhook hear of cases"),
            "case_events.changed": _("Changed what a webhook hears of cases"),
        }
    )
    register_subject("channel", _("Endpoint of a channel"), _endpoints)
    register_subject("case_subscription", _("Subscription to events of cases"), _subscriptions)
    register_field("webhook", _("Webhook"), subject="webhook_target")
    register_field("services", _("Services"), subject="service")
    register_field("events", _("Events"), Happening.choices)
    register_field("on", _("Sends"))
    register_field("message", _("Message"))


def _endpoints(ids: Sequence[int]) -> Mapping[int, Named]:
    rows = ChannelEndpoint.objects.filter(pk__in=ids)
    return {row.pk: Named(row.name, reverse("escalations:channel", args=[row.pk])) for row in rows}


def _subscriptions(ids: Sequence[int]) -> Mapping[int, Named]:
    rows = CaseSubscription.objects.filter(pk__in=ids).select_related("target")
    return {row.pk: Named(row.target.name, reverse("escalations:case-event", args=[row.pk])) for row in rows}


def _came(p: Params, count: int) -> str:
    if count == 1 and p:
        return _now("%(ref)s: a message came in") % {"ref": p.get("ref", "")}
    return ngettext("A message came in on %(n)d case", "Messages came in on %(n)d cases", count) % {"n": count}


def _mine() -> str:
    return reverse("escalations:queue") + "?tab=mine"
