"""Letters about meetings."""

from django.utils.translation import gettext_lazy as _

from portal.notifications.registry import OutboxTopic, register_topic

from ..actions.invitations import INVITATION
from ..queries.minutes import TOPIC as MINUTES
from ..rendering.meeting_mail import deliver_invitation, deliver_minutes


def register() -> None:
    """Make them known."""
    register_topic(OutboxTopic(INVITATION, _("Invitations"), deliver_invitation))
    register_topic(OutboxTopic(MINUTES, _("Minutes of meetings"), deliver_minutes))
