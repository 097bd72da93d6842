"""Hand-overs that wait for the other's consent, and questions to colleagues who read a case meanwhile."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from escalations.choices.handing import ConsultState, OfferState, Opens

from .case import Case
from .configuration import Service
from .timeline import TimelineEntry


class Handover(models.Model):
    """A case offered to a person or to a service. Its words are those of its entry; until it is accepted nothing moves."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="handovers")
    entry = models.OneToOneField(TimelineEntry, on_delete=models.PROTECT, related_name="handover")
    given_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    to_user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    to_service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    state = models.CharField(max_length=12, choices=OfferState, default=OfferState.OFFERED)
    offered_at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True)  # when the giver was told that nobody has answered
    settled_at = models.DateTimeField(null=True)
    # Nobody in person when the case changed hands or ended first.
    settled_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(state=OfferState.OFFERED), name="handover_one_open"),
            models.CheckConstraint(condition=Q(state__in=OfferState.values), name="handover_state_known"),
            models.CheckConstraint(
                condition=Q(to_user=None, to_service__isnull=False) | Q(to_user__isnull=False, to_service=None),
                name="handover_to_one",
            ),
            models.CheckConstraint(condition=~Q(to_user=F("given_by")), name="handover_not_to_oneself"),
            models.CheckConstraint(
                condition=Q(state=OfferState.OFFERED, settled_at=None, settled_by=None)
                | Q(state=OfferState.OVER, settled_at__isnull=False)
                | Q(
                    state__in=[OfferState.ACCEPTED, OfferState.DECLINED, OfferState.TAKEN_BACK],
                    settled_at__isnull=False,
                    settled_by__isnull=False,
                ),
                name="handover_settled_whole",
            ),
            # A person accepts for themselves, and nobody what they offered.
            models.CheckConstraint(
                condition=~Q(state=OfferState.ACCEPTED)
                | (~Q(settled_by=F("given_by")) & (Q(to_user=None) | Q(settled_by=F("to_user")))),
                name="handover_accepted_by_target",
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None) | Q(settled_at__gte=F("offered_at")), name="handover_settled_after"
            ),
        ]
        indexes = [
            models.Index("to_user", condition=Q(state=OfferState.OFFERED), name="handover_to_user"),
            models.Index("to_service", condition=Q(state=OfferState.OFFERED), name="handover_to_service"),
            models.Index("offered_at", condition=Q(state=OfferState.OFFERED, told_at=None), name="handover_silent"),
        ]

    def __str__(self) -> str:
        return f"case {self.case_id} offered to {self.to_user_id or self.to_service_id}"


class Consult(models.Model):
    """A question about a case to a colleague, who reads the case while it is open, up to the sensitivity that it opens."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="consults")
    question = models.OneToOneField(TimelineEntry, on_delete=models.PROTECT, related_name="consult")
    answer = models.OneToOneField(TimelineEntry, on_delete=models.PROTECT, null=True, related_name="+")
    asked_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    to_user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    opens = models.CharField(max_length=12, choices=Opens, blank=True)
    state = models.CharField(max_length=12, choices=ConsultState, default=ConsultState.OPEN)
    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "to_user"], condition=Q(state=ConsultState.OPEN), name="consult_one_open_each"
            ),
            models.CheckConstraint(condition=Q(state__in=ConsultState.values), name="consult_state_known"),
            models.CheckConstraint(condition=Q(opens__in=Opens.values), name="consult_never_opens_restricted"),
            models.CheckConstraint(condition=~Q(to_user=F("asked_by")), name="consult_not_of_oneself"),
            models.CheckConstraint(condition=Q(due_at__gt=F("asked_at")), name="consult_due_after_asked"),
            models.CheckConstraint(
                condition=Q(state=ConsultState.OPEN, settled_at=None)
                | (~Q(state=ConsultState.OPEN) & Q(settled_at__isnull=False)),
                name="consult_settled_whole",
            ),
            models.CheckConstraint(
                condition=Q(state=ConsultState.ANSWERED, answer__isnull=False)
                | (~Q(state=ConsultState.ANSWERED) & Q(answer=None)),
                name="consult_answer_if_answered",
            ),
        ]
        indexes = [
            models.Index("to_user", "due_at", condition=Q(state=ConsultState.OPEN), name="consult_open"),
            models.Index("due_at", condition=Q(state=ConsultState.OPEN, reminded_at=None), name="consult_overdue"),
        ]

    def __str__(self) -> str:
        return f"{self.to_user_id} asked about case {self.case_id}"
