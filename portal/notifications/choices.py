"""What an outbox row is for, and how far it got."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Topic(models.TextChoices):
    """Who takes a row up, and what its payload holds."""

    FANOUT = "fanout", _("Event to hand round")  # kind, tick, key and the event's facts; resolved into recipients
    NOTICE = "notice", _("Mail about a notification")  # id of the notification; rendered when it is sent
    MAIL = "mail", _("Mail")  # to, subject, text, html: rendered when it was written


MAIL_TOPICS = (Topic.NOTICE, Topic.MAIL)


class State(models.TextChoices):
    """How far a row got."""

    PENDING = "pending", _("Waiting")
    SENT = "sent", _("Sent")
    DEAD = "dead", _("Failed")
