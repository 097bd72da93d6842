"""What colleagues tell the owner of a closed case about their work on it: private, and fixed after a day."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from escalations.choices.feedback import Rating

from .case import Case
from .configuration import Service

_KNOWN = Rating.values


class PeerFeedback(models.Model):
    """From one colleague to whoever owned the case when it closed. `service`: whose case it was then, for its leads. The database
    lets its author change it for 24 hours, its receiver answer once, and nobody else anything."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    cycle = models.PositiveSmallIntegerField()
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+", db_index=False)
    author = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    receiver = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    ownership = models.PositiveSmallIntegerField(choices=Rating)
    communication = models.PositiveSmallIntegerField(choices=Rating)
    judgement = models.PositiveSmallIntegerField(choices=Rating)
    documentation = models.PositiveSmallIntegerField(choices=Rating)
    good = models.TextField()
    to_try = models.TextField(blank=True)
    at = models.DateTimeField(db_default=Now())
    version = models.PositiveIntegerField(default=1)
    answer = models.TextField(blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "cycle", "author"], name="feedback_once"),
            models.CheckConstraint(condition=~Q(author=F("receiver")), name="feedback_to_another"),
            models.CheckConstraint(
                condition=Q(
                    ownership__in=_KNOWN, communication__in=_KNOWN, judgement__in=_KNOWN, documentation__in=_KNOWN
                ),
                name="feedback_rating_known",
            ),
            models.CheckConstraint(condition=~Q(good=""), name="feedback_says_something"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="feedback_answer_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["receiver", "-id"], name="feedback_got"),
            models.Index(fields=["author", "-id"], name="feedback_gave"),
            models.Index(fields=["service", "-id"], name="feedback_led"),
        ]

    def __str__(self) -> str:
        return f"feedback {self.pk} on case {self.case_id}"
