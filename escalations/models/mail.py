"""E-mail of cases: which mailbox is a service's, and what of a timeline came in or went out as mail.

The words of a mail stand in its entry's body. What is kept here besides may change or be forgotten; the entry may not.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from escalations.choices.mail import Delivery
from portal.mailbox.choices import Automatic

from .configuration import Service
from .timeline import TimelineEntry


class ServiceMailbox(models.Model):
    """A mailbox whose mail becomes cases of a service, and from which the service answers."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="mailboxes")
    mailbox = models.OneToOneField("mailbox.Mailbox", on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey("partners.Site", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    signature = models.TextField(max_length=1000, blank=True, db_default="")
    signature_zh = models.TextField(max_length=1000, blank=True, db_default="")
    plus_address = models.BooleanField(db_default=False)  # the mail server takes box+EC-1@host
    version = models.PositiveIntegerField(db_default=1)

    def __str__(self) -> str:
        return f"{self.mailbox_id} of service {self.service_id}"


class InboundMail(models.Model):
    """An entry that came in as mail; `held` names files that were not taken: [[id, why], …]."""

    entry = models.OneToOneField(TimelineEntry, on_delete=models.PROTECT, related_name="mail_in")
    message = models.OneToOneField("mailbox.InboundMessage", on_delete=models.PROTECT, related_name="+")
    sender = models.CharField(max_length=254)
    is_known = models.BooleanField()  # the case knew the address, or began with it
    automatic = models.CharField(max_length=8, choices=Automatic, blank=True, db_default="")
    quoted = models.TextField(blank=True, db_default="")
    has_more = models.BooleanField(db_default=False)  # than the timeline shows: HTML, or more words
    files = models.PositiveSmallIntegerField(db_default=0)
    held = models.JSONField(default=list, db_default=[])

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(sender=""), name="inbound_mail_has_sender")]
        indexes = [models.Index(fields=["sender", "-id"], name="inbound_mail_sender")]

    def __str__(self) -> str:
        return f"mail of entry {self.entry_id}"


class OutboundMail(models.Model):
    """An entry that goes out as mail, and how far it got."""

    entry = models.OneToOneField(TimelineEntry, on_delete=models.PROTECT, related_name="mail_out")
    mailbox = models.ForeignKey("mailbox.Mailbox", on_delete=models.PROTECT, related_name="+", db_index=False)
    to = models.EmailField()
    subject = models.CharField(max_length=220, blank=True)
    message_id = models.CharField(max_length=250, unique=True)
    key = models.CharField(max_length=60, unique=True)  # of its row in the outbox
    once = models.UUIDField(unique=True)  # of the form that it was written in
    state = models.CharField(max_length=8, choices=Delivery, default=Delivery.QUEUED)
    error = models.CharField(max_length=500, blank=True)
    queued_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=Delivery.values), name="outbound_mail_state_known"),
            models.CheckConstraint(
                condition=Q(state=Delivery.QUEUED, settled_at=None)
                | (~Q(state=Delivery.QUEUED) & Q(settled_at__isnull=False)),
                name="outbound_mail_settled_has_instant",
            ),
            models.CheckConstraint(condition=~Q(state=Delivery.FAILED) | ~Q(error=""), name="outbound_mail_failed_why"),
            models.CheckConstraint(
                condition=~Q(to="") & ~Q(message_id="") & ~Q(key=""), name="outbound_mail_addressed"
            ),
        ]
        indexes = [models.Index(fields=["key"], condition=Q(state=Delivery.QUEUED), name="outbound_mail_queued")]

    def __str__(self) -> str:
        return f"mail of entry {self.entry_id}: {self.state}"
