"""Leave to see restricted cases, for one restriction each."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from escalations.choices import GrantKind

from .case import Case


class CaseGrant(models.Model):
    """Leave to see one restricted case: given by a service lead, or taken in an emergency and reviewed afterwards.
    It counts for the restriction during which it was given, and for no later one: the database ends it with that."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="grants")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=GrantKind)
    # Empty for whoever keeps access at the moment a case is restricted.
    granted_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)
    starts_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    # When that restriction was lifted. Nothing begins it again.
    lifted_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    reviewed_for = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    review_upheld = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(granted_by=F("user")), name="grant_not_by_oneself"),
            models.CheckConstraint(condition=~Q(reviewed_by=F("user")), name="grant_not_reviewed_by_oneself"),
            models.CheckConstraint(condition=~Q(reviewed_for=F("user")), name="grant_not_reviewed_for_oneself"),
            models.CheckConstraint(condition=Q(kind__in=GrantKind.values), name="grant_kind_known"),
            models.CheckConstraint(
                condition=Q(reviewed_at=None) | Q(kind=GrantKind.BREAK_GLASS), name="grant_review_of_break_glass"
            ),
            models.CheckConstraint(
                condition=~Q(kind=GrantKind.BREAK_GLASS) | (Q(expires_at__isnull=False) & ~Q(reason="")),
                name="break_glass_has_reason_and_end",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at=None, reviewed_by=None, review_upheld=None)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False, review_upheld__isnull=False),
                name="grant_review_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "case"], condition=Q(revoked_at=None), name="grant_live"),
            models.Index(
                fields=["starts_at"],
                condition=Q(kind=GrantKind.BREAK_GLASS, reviewed_at=None),
                name="grant_unreviewed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of case {self.case_id} to {self.user_id}"
