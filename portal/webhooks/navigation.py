"""What the rooms below and the shell show of this room; and its topic of the outbox."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.audit.registry import Named, register_field, register_subject, register_verbs
from portal.notifications.registry import OutboxTopic, register_topic
from portal.ui.registry import NavItem, register_nav
from portal.webhooks.choices import TOPIC
from portal.webhooks.delivery import deliver
from portal.webhooks.models import WebhookTarget
from portal.webhooks.queries import may_configure


def register() -> None:
    """Register all of it."""
    register_topic(OutboxTopic(TOPIC, _("Webhook"), deliver))
    register_nav(NavItem("admin", "webhooks", _("Webhooks"), "webhooks:targets", "link", 60, visible=may_configure))
    register_verbs(
        {
            "webhook.created": _("Created a webhook"),
            "webhook.changed": _("Changed a webhook"),
            "webhook.archived": _("Archived a webhook"),
            "webhook.restored": _("Restored a webhook"),
            "webhook.secret_shown": _("Looked at a webhook’s secret"),
            "webhook.secret_renewed": _("Renewed a webhook’s secret"),
            "webhook.tested": _("Sent a test to a webhook"),
        }
    )
    register_subject("webhook_target", _("Webhook"), _names)
    register_field("moved", _("Address changed"))


def _names(ids: Sequence[int]) -> Mapping[int, Named]:
    rows = WebhookTarget.objects.filter(pk__in=ids)
    return {row.pk: Named(row.name, reverse("webhooks:target", args=[row.pk])) for row in rows}
