"""Somebody asks that a person may hold both sides of a rule for a while."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..choices import Verdict
from .bundles import SodException, SodRule
from .requests import RequestItem

WAITING = Q(decided_at=None)


class ExceptionRequest(models.Model):
    """An exception that was asked for because an item is blocked; `exception` is what came of it.

    Nobody decides what they asked for; the exception itself refuses an approver who is its person.
    """

    item = models.ForeignKey(RequestItem, on_delete=models.PROTECT, related_name="exception_requests")
    rule = models.ForeignKey(SodRule, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("partners.Person", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=500)
    ends_at = models.DateTimeField()
    requested_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True, default="")
    decided_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    principal = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    comment = models.CharField(max_length=500, blank=True, default="")
    exception = models.ForeignKey(SodException, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "person"], condition=WAITING, name="exception_request_one_waiting"),
            models.CheckConstraint(
                condition=Q(decided_at=None, verdict="", decided_by=None)
                | Q(decided_at__isnull=False, verdict__in=Verdict.values, decided_by__isnull=False),
                name="exception_request_decided_whole",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("requested_by")), name="exception_request_not_own"
            ),
            models.CheckConstraint(
                condition=Q(principal=None) | ~Q(principal=F("requested_by")),
                name="exception_request_not_own_principal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} for {self.person_id}"
