"""Mailboxes and what came in."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from portal.mailbox.choices import Automatic, Hiding, MatchedBy, Security, State
from portal.sealing import seal, unseal


class Mailbox(models.Model):
    """A folder on a mail server that is read by IMAP. Referred to, so archived instead of deleted."""

    name = models.CharField(max_length=100)
    address = models.EmailField()
    host = models.CharField(max_length=253)
    port = models.PositiveIntegerField(default=993)
    security = models.CharField(max_length=8, choices=Security, default=Security.TLS)
    username = models.CharField(max_length=254)
    sealed_password = models.TextField()  # encrypted, see portal.sealing
    folder = models.CharField(max_length=100, default="INBOX")
    handler = models.CharField(max_length=40)  # a kind that a wing registered
    uid_validity = models.BigIntegerField(null=True)
    last_uid = models.BigIntegerField(db_default=0)  # of the newest message that was kept
    last_polled_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True, db_default="")
    archived_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=Q(archived_at=None), name="mailbox_name_once"),
            models.UniqueConstraint(
                fields=["host", "username", "folder"], condition=Q(archived_at=None), name="mailbox_read_once"
            ),
            models.CheckConstraint(condition=Q(security__in=Security.values), name="mailbox_security_known"),
            models.CheckConstraint(condition=Q(port__gte=1, port__lte=65535), name="mailbox_port_valid"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def password(self) -> str:
        """What the portal logs in with. Raises SealBrokenError."""
        return unseal(self.sealed_password)

    @password.setter
    def password(self, value: str) -> None:
        self.sealed_password = seal(value)


class InboundMessage(models.Model):
    """A message that came in, kept once per mailbox, whatever is wrong with it."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, related_name="messages")
    fingerprint = models.CharField(max_length=260)  # its Message-ID, else the hash of all of it
    message_id = models.CharField(max_length=250, blank=True, db_default="")
    sender = models.CharField(max_length=254, blank=True, db_default="")
    sender_name = models.CharField(max_length=200, blank=True, db_default="")
    recipients = ArrayField(models.CharField(max_length=320), default=list)
    subject = models.CharField(max_length=500, blank=True, db_default="")
    text = models.TextField(blank=True, db_default="")
    quoted = models.TextField(blank=True, db_default="")
    html = models.TextField(blank=True, db_default="")  # made harmless
    automatic = models.CharField(max_length=8, choices=Automatic, blank=True, db_default="")
    reference = models.CharField(max_length=20, blank=True, db_default="")
    matched_by = models.CharField(max_length=12, choices=MatchedBy, blank=True, db_default="")
    answers = ArrayField(
        models.CharField(max_length=250), default=list, db_default=[]
    )  # Message-IDs, the nearest first
    sent_at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now())
    raw = models.OneToOneField("files.StoredFile", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=State, db_default=State.NEW)
    attempts = models.PositiveSmallIntegerField(db_default=0)
    next_attempt_at = models.DateTimeField(db_default=Now())
    last_error = models.CharField(max_length=300, blank=True, db_default="")
    hidden_for = models.CharField(max_length=10, choices=Hiding, blank=True, db_default="")  # why nobody reads it here
    trace = models.JSONField(null=True)  # of one without a date whose words were removed, see traces.py
    subject_type = models.CharField(max_length=40, blank=True, db_default="")  # what it went to
    subject_id = models.BigIntegerField(null=True)
    handled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mailbox", "fingerprint"], name="inbound_message_once"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="inbound_state_known"),
            models.CheckConstraint(condition=~Q(fingerprint=""), name="inbound_has_fingerprint"),
            models.CheckConstraint(condition=Q(hidden_for__in=["", *Hiding.values]), name="inbound_hiding_known"),
            # Words are removed from what a wing took, never from what waits for somebody to look at it.
            models.CheckConstraint(condition=Q(raw__isnull=False) | Q(state=State.DONE), name="inbound_raw_until_done"),
            models.CheckConstraint(
                condition=Q(state=State.DONE, handled_at__isnull=False) | (~Q(state=State.DONE) & Q(handled_at=None)),
                name="inbound_done_has_instant",
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at", "id"], condition=Q(state=State.NEW), name="inbound_due"),
            models.Index(fields=["-id"], condition=Q(state__in=["unparsed", "failed"]), name="inbound_trouble"),
        ]

    def __str__(self) -> str:
        return self.fingerprint
