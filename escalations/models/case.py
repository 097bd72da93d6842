"""The case and where it came from."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils import timezone

from escalations.choices import (
    OPEN_STATES,
    Channel,
    Impact,
    Reject,
    Sensitivity,
    Severity,
    Signal,
    State,
    Urgency,
)

from .configuration import IssueType, Service

OPEN = Q(state__in=OPEN_STATES)


class Case(models.Model):
    """One matter. Its reference is EC- and its running number, which is the primary key."""

    # Users and services are never deleted, and the indexes below serve every list: their own would only cost.
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="cases", db_index=False)
    site = models.ForeignKey("partners.Site", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    raised_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    owner = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    issue_type = models.ForeignKey(IssueType, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    channel = models.CharField(max_length=12, choices=Channel, default=Channel.PORTAL)
    subject = models.CharField(max_length=200)
    customer_ref = models.CharField(max_length=80, blank=True)
    contact_hint = models.CharField(max_length=200, blank=True)

    state = models.CharField(max_length=20, choices=State, default=State.NEW)
    reject_reason = models.CharField(max_length=20, choices=Reject, blank=True)
    severity = models.PositiveSmallIntegerField(choices=Severity, default=Severity.S3)
    impact = models.CharField(max_length=10, choices=Impact, blank=True)
    urgency = models.CharField(max_length=10, choices=Urgency, blank=True)
    signals = ArrayField(models.CharField(max_length=12, choices=Signal), default=list, blank=True)
    severity_overridden = models.BooleanField(default=False)
    sensitivity = models.CharField(max_length=12, choices=Sensitivity, default=Sensitivity.STANDARD)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged_from")

    opened_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)
    cycle = models.PositiveSmallIntegerField(default=1)
    reopen_count = models.PositiveIntegerField(default=0)
    reassign_count = models.PositiveIntegerField(default=0)
    # The earliest due instant of the running clocks; kept by the listener of clock events.
    next_due_at = models.DateTimeField(null=True, blank=True)
    escalation_level = models.PositiveSmallIntegerField(default=0)
    search = SearchVectorField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="case_state_known"),
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="case_severity_known"),
            models.CheckConstraint(condition=Q(sensitivity__in=Sensitivity.values), name="case_sensitivity_known"),
            models.CheckConstraint(
                condition=~Q(state__in=[State.RESOLVED, State.CLOSED]) | Q(resolved_at__isnull=False),
                name="case_resolved_has_instant",
            ),
            models.CheckConstraint(
                condition=Q(state=State.MERGED, merged_into__isnull=False)
                | (~Q(state=State.MERGED) & Q(merged_into=None)),
                name="case_merged_points_on",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="case_not_merged_into_itself"),
            models.CheckConstraint(
                condition=(Q(state=State.REJECTED) & ~Q(reject_reason=""))
                | (~Q(state=State.REJECTED) & Q(reject_reason="")),
                name="case_rejected_has_reason",
            ),
        ]
        indexes = [
            models.Index(F("next_due_at").asc(nulls_last=True), "id", condition=OPEN, name="case_open_due"),
            models.Index(
                "site", F("next_due_at").asc(nulls_last=True), "id", condition=OPEN, name="case_open_site_due"
            ),
            models.Index(
                "service", F("next_due_at").asc(nulls_last=True), "id", condition=OPEN, name="case_open_service_due"
            ),
            models.Index(
                "owner", F("next_due_at").asc(nulls_last=True), "id", condition=OPEN, name="case_open_owner_due"
            ),
            models.Index(
                "state", F("next_due_at").asc(nulls_last=True), "id", condition=OPEN, name="case_open_state_due"
            ),
            models.Index(
                F("next_due_at").asc(nulls_last=True), "id", condition=OPEN & Q(owner=None), name="case_open_unassigned"
            ),
            models.Index("resolved_at", "id", condition=Q(state=State.RESOLVED), name="case_resolved"),
            # Ended cases that something is still due for: what the law asks. They are few.
            models.Index("next_due_at", "id", condition=~OPEN & Q(next_due_at__isnull=False), name="case_ended_due"),
            models.Index("raised_by", F("id").desc(), name="case_raised_by"),
            # What is new since somebody's last day of work.
            models.Index(F("opened_at").desc(), F("id").desc(), name="case_opened"),
            # Lists with ended cases show the newest first, and say "nulls last", which the key's own index does not.
            models.Index(F("id").desc(nulls_last=True), name="case_newest"),
            # A word in open cases is found without looking through all that ever held it; each case is in one of the two.
            GinIndex("search", condition=OPEN, fastupdate=False, name="case_search_open"),
            GinIndex("search", condition=~OPEN, fastupdate=False, name="case_search_ended"),
            # What finds cases that may be the same as another one. Words wait in a short list, so that raising a case costs little.
            models.Index(Upper("customer_ref"), F("id").desc(), condition=~Q(customer_ref=""), name="case_customer"),
            GinIndex(
                fields=["subject"], opclasses=["gin_trgm_ops"], gin_pending_list_limit=512, name="case_subject_words"
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """The reference people use, like EC-20418."""
        return f"EC-{self.pk}"


class CaseOrigin(models.Model):
    """Where an imported case came from, and what its source said of it. Kept beside our own figures, never mixed in."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="origin")
    source = models.CharField(max_length=40)
    external_ref = models.CharField(max_length=80)
    content_hash = models.CharField(max_length=64)
    facts = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_ref"], name="case_origin_once")]
        indexes = [
            models.Index(Upper("external_ref"), name="case_origin_number"),
            GinIndex(OpClass(Upper("external_ref"), "gin_trgm_ops"), name="case_origin_search"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.external_ref}"
