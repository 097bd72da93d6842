"""The outbox, what people are told, and the demo's copy of the mail."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from portal.notifications.choices import State, Topic
from portal.notifications.registry import topic_of


class OutboxRow(models.Model):
    """Something that must happen once after its transaction committed. Claimed under a lease, then marked.

    Rows with the same `bundle_key` that are due together become one mail; `bundle` is set when they are first claimed
    and keeps them together in every later attempt.
    """

    topic = models.CharField(max_length=32, choices=Topic)  # or one that a room registered
    idempotency_key = models.CharField(max_length=200)
    payload = models.JSONField()
    bundle_key = models.CharField(max_length=40, blank=True, db_default="")
    bundle = models.UUIDField(null=True)
    state = models.CharField(max_length=8, choices=State, db_default=State.PENDING)
    not_before = models.DateTimeField(db_default=Now())
    next_attempt_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(db_default=0)
    leased_until = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    last_error = models.CharField(max_length=500, blank=True, db_default="")
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    discarded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # Not `unique=True`, which would bring a second index for LIKE along.
            models.UniqueConstraint(fields=["idempotency_key"], name="outbox_key_once"),
            models.CheckConstraint(condition=~Q(topic=""), name="outbox_topic_given"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="outbox_state_known"),
            models.CheckConstraint(condition=~Q(idempotency_key=""), name="outbox_key_given"),
            models.CheckConstraint(
                condition=Q(state=State.SENT, sent_at__isnull=False) | (~Q(state=State.SENT) & Q(sent_at=None)),
                name="outbox_sent_has_instant",
            ),
            models.CheckConstraint(
                condition=Q(leased_until=None, lease_token=None)
                | Q(leased_until__isnull=False, lease_token__isnull=False, state=State.PENDING),
                name="outbox_lease_whole",
            ),
            models.CheckConstraint(condition=~Q(state=State.DEAD) | ~Q(last_error=""), name="outbox_dead_says_why"),
            models.CheckConstraint(
                condition=Q(discarded_at=None) | Q(state=State.DEAD), name="outbox_only_dead_discarded"
            ),
            models.CheckConstraint(condition=Q(next_attempt_at__gte=F("not_before")), name="outbox_not_too_early"),
        ]
        indexes = [
            models.Index(
                fields=["topic", "next_attempt_at", "id"], condition=Q(state=State.PENDING), name="outbox_pending_due"
            ),
            models.Index(
                fields=["bundle_key"], condition=Q(state=State.PENDING) & ~Q(bundle_key=""), name="outbox_bundle_key"
            ),
            models.Index(
                fields=["bundle"], condition=Q(state=State.PENDING, bundle__isnull=False), name="outbox_bundle"
            ),
            models.Index(fields=["-id"], condition=Q(state=State.DEAD, discarded_at=None), name="outbox_dead"),
            models.Index(fields=["sent_at"], condition=Q(state=State.SENT), name="outbox_sent"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.idempotency_key}"

    @property
    def topic_label(self) -> str:
        """What the row is for, in words."""
        topic = topic_of(self.topic)
        return str(topic.label) if topic else self.get_topic_display()


class LetterReference(models.Model):
    """What a letter is about, by its Message-ID, so that replies find back."""

    message_id = models.CharField(max_length=250)
    reference = models.CharField(max_length=20)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message_id"], name="letter_reference_once")]

    def __str__(self) -> str:
        return f"{self.reference} {self.message_id}"


class Notification(models.Model):
    """One line in somebody's inbox: all events of a kind in one tick, or one event named by `dedupe_key`."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notifications")
    kind = models.CharField(max_length=64)
    tick = models.CharField(max_length=200, blank=True, db_default="")
    dedupe_key = models.CharField(max_length=120, blank=True, db_default="")
    params = models.JSONField(default=dict)  # of the first event
    subject_ids = ArrayField(models.BigIntegerField(), default=list)  # of the first few events, for `visible`
    count = models.PositiveIntegerField(db_default=1)
    url = models.CharField(max_length=300)
    urgent = models.BooleanField(db_default=False)
    mails = models.PositiveSmallIntegerField(db_default=1)  # queued about this line; a second only for a later alarm
    created_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recipient", "kind", "tick", "dedupe_key"], name="notification_once"),
            models.CheckConstraint(condition=Q(count__gte=1), name="notification_counts"),
            models.CheckConstraint(condition=Q(url__regex=r"^/([^/\\]|$)"), name="notification_url_is_ours"),
            models.CheckConstraint(condition=~Q(tick="") | ~Q(dedupe_key=""), name="notification_has_tick_or_key"),
        ]
        indexes = [
            models.Index(fields=["recipient", "-id"], name="notification_inbox"),
            models.Index(fields=["recipient", "-id"], condition=Q(read_at=None), name="notification_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient_id}"


class DemoMail(models.Model):
    """What SMTP would have been given. Only the demo writes here."""

    message_id = models.CharField(max_length=200, unique=True)
    to = models.CharField(max_length=1000)
    subject = models.CharField(max_length=500)
    text = models.TextField()
    html = models.TextField(blank=True)
    sent_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(message_id=""), name="demo_mail_has_id")]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"
