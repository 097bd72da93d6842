"""Services, cases, timelines. Fields, constraints and indexes; no workflow."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from escalations.choices import (
    OPEN_STATES,
    Channel,
    Direction,
    Entry,
    GrantKind,
    Impact,
    Outcome,
    Reject,
    Sensitivity,
    Severity,
    Signal,
    State,
    Urgency,
)

OPEN = Q(state__in=OPEN_STATES)


class Service(models.Model):
    """A team with a scope of its own. Its members are accounts' memberships in the role of associate."""

    code = models.SlugField(_("Code"), max_length=40, unique=True)
    name = models.CharField(_("Name"), max_length=120)
    name_zh = models.CharField(_("Name in Chinese"), max_length=120, blank=True)
    calendar = models.ForeignKey("sla.Calendar", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.name


class IssueType(models.Model):
    """What a case is about, on three levels."""

    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    level = models.PositiveSmallIntegerField()
    code = models.CharField(_("Code"), max_length=80, unique=True)
    name = models.CharField(_("Name"), max_length=120)
    name_zh = models.CharField(_("Name in Chinese"), max_length=120, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(level=1, parent=None) | Q(level__in=[2, 3], parent__isnull=False), name="issue_type_levels"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SeverityCell(models.Model):
    """One cell of a service's severity matrix."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="matrix")
    impact = models.CharField(max_length=10, choices=Impact)
    urgency = models.CharField(max_length=10, choices=Urgency)
    severity = models.PositiveSmallIntegerField(choices=Severity)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "impact", "urgency"], name="severity_cell_once"),
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="severity_cell_known"),
        ]

    def __str__(self) -> str:
        return f"{self.impact} x {self.urgency} = S{self.severity}"


class Case(models.Model):
    """One matter. Its reference is EC- and its running number, which is the primary key."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="cases")
    site = models.ForeignKey("partners.Site", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    raised_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    owner = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
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
                condition=Q(state=State.MERGED, merged_into__isnull=False) | (~Q(state=State.MERGED) & Q(merged_into=None)),
                name="case_merged_points_on",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="case_not_merged_into_itself"),
            models.CheckConstraint(
                condition=(Q(state=State.REJECTED) & ~Q(reject_reason="")) | (~Q(state=State.REJECTED) & Q(reject_reason="")),
                name="case_rejected_has_reason",
            ),
        ]
        indexes = [
            models.Index(F("next_due_at").asc(nulls_last=True), "id", condition=OPEN, name="case_open_due"),
            models.Index("site", F("next_due_at").asc(nulls_last=True), "id", condition=OPEN, name="case_open_site_due"),
            models.Index(
                "service", F("next_due_at").asc(nulls_last=True), "id", condition=OPEN, name="case_open_service_due"
            ),
            models.Index("owner", F("next_due_at").asc(nulls_last=True), "id", condition=OPEN, name="case_open_owner_due"),
            models.Index("state", F("next_due_at").asc(nulls_last=True), "id", condition=OPEN, name="case_open_state_due"),
            models.Index(
                F("next_due_at").asc(nulls_last=True), "id", condition=OPEN & Q(owner=None), name="case_open_unassigned"
            ),
            models.Index("resolved_at", "id", condition=Q(state=State.RESOLVED), name="case_resolved"),
            models.Index("raised_by", "-id", name="case_raised_by"),
            GinIndex("search", name="case_search"),
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

    def __str__(self) -> str:
        return f"{self.source} {self.external_ref}"


class TimelineEntry(models.Model):
    """One thing that happened to a case. Append-only: the database refuses UPDATE, DELETE and TRUNCATE."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="entries")
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=12, choices=Entry)
    code = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    actor = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    on_behalf_of = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    is_internal = models.BooleanField(default=True)
    channel = models.CharField(max_length=12, choices=Channel, blank=True)
    direction = models.CharField(max_length=3, choices=Direction, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    clock_event_id = models.BigIntegerField(null=True)
    source_key = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clock_event_id"], name="entry_once_per_clock_event"),
            models.UniqueConstraint(
                fields=["case", "source_key"], condition=~Q(source_key=""), name="entry_once_per_source_key"
            ),
            models.CheckConstraint(condition=Q(kind__in=Entry.values), name="entry_kind_known"),
        ]
        indexes = [models.Index(fields=["case", "at", "id"], name="entry_case_at")]

    def __str__(self) -> str:
        return f"{self.code} of case {self.case_id}"


class EntryBody(models.Model):
    """The words of an entry, apart from it, so that they can be redacted without touching the trail."""

    entry = models.OneToOneField(TimelineEntry, on_delete=models.PROTECT, related_name="body")
    text = models.TextField()
    redacted_at = models.DateTimeField(null=True, blank=True)
    redacted_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(redacted_at=None, redacted_by=None) | Q(redacted_at__isnull=False, text=""),
                name="entry_body_redacted_is_empty",
            )
        ]

    def __str__(self) -> str:
        return f"body of entry {self.entry_id}"


class Watcher(models.Model):
    """Somebody who wants to hear of a case without owning it."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="watchers")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="watcher_once")]

    def __str__(self) -> str:
        return f"{self.user_id} watches {self.case_id}"


class CaseGrant(models.Model):
    """Leave to see one restricted case: given by a service lead, or taken in an emergency and reviewed afterwards."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="grants")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=GrantKind)
    granted_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)
    starts_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    review_upheld = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(granted_by=F("user")), name="grant_not_by_oneself"),
            models.CheckConstraint(condition=~Q(reviewed_by=F("user")), name="grant_not_reviewed_by_oneself"),
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
        indexes = [models.Index(fields=["user", "case"], condition=Q(revoked_at=None), name="grant_live")]

    def __str__(self) -> str:
        return f"{self.kind} of case {self.case_id} to {self.user_id}"
