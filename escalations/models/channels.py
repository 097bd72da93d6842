"""Systems that write to us for customers: where they knock, what they brought, and which case a thread goes on in.

What names a thread, a message or a customer is kept as a digest only. The words stand in the entry's body, where they can be removed.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from escalations.choices.hooks import DoorKind
from portal.mailbox.choices import State
from portal.sealing import seal, unseal

from .case import Case
from .configuration import IssueType, Service
from .timeline import TimelineEntry


class ChannelEndpoint(models.Model):
    """An address of ours that one system of a service writes to. During a rotation the former secret counts as well."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="channels")
    kind = models.CharField(max_length=12, choices=DoorKind)
    name = models.CharField(max_length=100)
    key = models.CharField(max_length=64)
    sealed_secret = models.TextField()  # encrypted, see portal.sealing
    sealed_former = models.TextField(blank=True, db_default="")
    site = models.ForeignKey("partners.Site", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    issue_type = models.ForeignKey(IssueType, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    is_on = models.BooleanField(default=True, db_default=True)
    refused = models.PositiveIntegerField(default=0, db_default=0)  # requests that were not to be believed, at least
    refused_at = models.DateTimeField(null=True)
    refused_why = models.CharField(max_length=12, blank=True, db_default="")
    created_at = models.DateTimeField(db_default=Now())
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], name="channel_name_once"),
            models.UniqueConstraint(fields=["key"], name="channel_key_once"),
            models.CheckConstraint(condition=Q(kind__in=DoorKind.values), name="channel_kind_known"),
            models.CheckConstraint(
                condition=~Q(name="") & Q(key__regex=r"^[A-Za-z0-9_-]{32,}$") & ~Q(sealed_secret=""),
                name="channel_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def give_secret(self, secret: str) -> None:
        """Sign with this one from now on; the one before counts until somebody ends it."""
        self.sealed_former, self.sealed_secret = self.sealed_secret, seal(secret)

    def secrets(self) -> list[str]:
        """All that count now. Raises SealBrokenError."""
        return [unseal(one) for one in (self.sealed_secret, self.sealed_former) if one]


class ChannelThread(models.Model):
    """A conversation of an endpoint, and the case that it goes on in."""

    endpoint = models.ForeignKey(ChannelEndpoint, on_delete=models.PROTECT, related_name="+", db_index=False)
    digest = models.CharField(max_length=64)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["endpoint", "digest"], name="channel_thread_once")]

    def __str__(self) -> str:
        return f"thread of case {self.case_id}"


class ChannelMessage(models.Model):
    """A signed request that came in. Its body is kept, encrypted, only until it became something or was put away."""

    endpoint = models.ForeignKey(ChannelEndpoint, on_delete=models.PROTECT, related_name="messages", db_index=False)
    message_id = models.CharField(max_length=200)  # as it was signed
    sealed_body = models.TextField(blank=True, db_default="")
    size = models.PositiveIntegerField()
    thread = models.CharField(max_length=64, blank=True, db_default="")  # digests; empty while nothing is understood
    name = models.CharField(max_length=64, blank=True, db_default="")
    sender = models.CharField(max_length=200, blank=True, db_default="")
    link = models.CharField(max_length=500, blank=True, db_default="")
    reach = models.PositiveBigIntegerField(null=True)
    received_at = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=8, choices=State, db_default=State.NEW)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    next_attempt_at = models.DateTimeField(db_default=Now())
    last_error = models.CharField(max_length=300, blank=True, db_default="")
    entry = models.OneToOneField(TimelineEntry, on_delete=models.PROTECT, null=True, related_name="channel_in")
    handled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "message_id"], name="channel_message_once"),
            # The same words under another signature begin nothing again.
            models.UniqueConstraint(
                fields=["endpoint", "thread", "name"], condition=Q(entry__isnull=False), name="channel_words_once"
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="channel_message_state_known"),
            models.CheckConstraint(condition=~Q(message_id=""), name="channel_message_named"),
            models.CheckConstraint(
                condition=Q(state__in=[State.DONE, State.PUT_AWAY], sealed_body="")
                | (~Q(state__in=[State.DONE, State.PUT_AWAY]) & ~Q(sealed_body="")),
                name="channel_body_until_done",
            ),
            models.CheckConstraint(
                condition=Q(state=State.DONE, handled_at__isnull=False) | (~Q(state=State.DONE) & Q(handled_at=None)),
                name="channel_done_has_instant",
            ),
            models.CheckConstraint(
                condition=Q(entry=None) | (Q(state=State.DONE) & ~Q(thread="") & ~Q(name="")),
                name="channel_entry_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at", "id"], condition=Q(state=State.NEW), name="channel_due"),
            models.Index(fields=["-id"], condition=Q(state__in=["unparsed", "failed"]), name="channel_trouble"),
        ]

    def __str__(self) -> str:
        return self.message_id
