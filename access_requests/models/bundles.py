"""What a job brings with it, and what must not be held together."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .base import Named
from .catalogue import Entitlement


class Bundle(Named):
    """What holders of a job role get, in one programme (by code; empty: in all) and at one site (empty: at all).

    All bundles that fit a placement apply together. `birthright`: its items are approved by policy.
    """

    job_role = models.ForeignKey("partners.JobRole", on_delete=models.PROTECT, related_name="+")
    programme_code = models.CharField(_("programme"), max_length=16, blank=True, default="")
    site = models.ForeignKey("partners.Site", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    birthright = models.BooleanField(_("approved by policy"), default=False)
    current = models.ForeignKey(
        "BundleVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["job_role", "programme_code", "site"],
                condition=Q(archived_at=None),
                nulls_distinct=False,
                name="bundle_one_per_scope",
            ),
        ]


class BundleVersion(models.Model):
    """The content of a bundle since an instant. Append-only."""

    bundle = models.ForeignKey(Bundle, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["bundle", "number"]
        constraints = [models.UniqueConstraint(fields=["bundle", "number"], name="bundle_version_number_unique")]

    def __str__(self) -> str:
        return f"{self.bundle_id} v{self.number}"


class BundleItem(models.Model):
    """An entitlement in a version of a bundle. Append-only."""

    version = models.ForeignKey(BundleVersion, on_delete=models.PROTECT, related_name="items")
    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "entitlement"], name="bundle_item_once")]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.entitlement_id}"


class SodRule(Named):
    """Segregation of duties: two entitlements that nobody may hold together. `left` has the smaller id."""

    left = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="+")
    right = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(left__lt=F("right")), name="sod_rule_ordered"),
            models.UniqueConstraint(fields=["left", "right"], condition=Q(archived_at=None), name="sod_rule_once"),
        ]


class TsTzRange(Func):
    """tstzrange(start, end) as an expression."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class SodException(models.Model):
    """A person may hold both sides of a rule for a while. Needs an approver and an end; nobody approves for themselves.

    A trigger fills `approver_person` from the users' persons, so that the checks cannot be evaded.
    """

    rule = models.ForeignKey(SodRule, on_delete=models.PROTECT, related_name="exceptions")
    person = models.ForeignKey("partners.Person", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=500)
    requested_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    principal = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    approver_person = models.ForeignKey("partners.Person", on_delete=models.PROTECT, null=True, related_name="+")
    principal_person = models.ForeignKey("partners.Person", on_delete=models.PROTECT, null=True, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="sod_exception_ends"),
            models.CheckConstraint(condition=~Q(approved_by=F("requested_by")), name="sod_exception_other_approver"),
            models.CheckConstraint(
                condition=Q(principal=None) | ~Q(principal=F("requested_by")), name="sod_exception_other_principal"
            ),
            models.CheckConstraint(
                condition=Q(approver_person=None) | ~Q(approver_person=F("person")), name="sod_exception_not_own"
            ),
            models.CheckConstraint(
                condition=Q(principal_person=None) | ~Q(principal_person=F("person")),
                name="sod_exception_not_own_principal",
            ),
            ExclusionConstraint(
                name="sod_exception_overlap",
                expressions=[
                    ("rule", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    (TsTzRange("starts_at", "ends_at", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                condition=Q(ended_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} for {self.person_id}"
