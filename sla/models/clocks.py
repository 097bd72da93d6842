"""Clocks and what happened to them."""

from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from sla.choices import ONCE_KINDS, OPEN_STATES, ClockState, EventKind
from sla.models.calendars import CalendarVersion
from sla.models.policies import PolicyVersion

OPEN = Q(state__in=OPEN_STATES)
RUNNING = Q(state=ClockState.RUNNING)


class Clock(models.Model):
    """One promise about one subject: a target in business seconds, or a fixed due instant.

    `plan_at` and `plan_code` say beforehand what will happen and when ("warned:75", "breached:0", "escalated:1");
    the first `plan_pos` of them are done and `next_event_at` is the next. `revision` counts recomputations: within
    one revision everything in the plan happens at most once. `pauses` are finished pauses; `paused_at` the one under way.
    What lies before `silent_before` (the instant of an import) is written down without telling anybody.
    """

    subject_kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    metric = models.CharField(max_length=40)
    cycle = models.PositiveSmallIntegerField(default=1)
    revision = models.PositiveSmallIntegerField(default=0)
    policy_version = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    calendar_version = models.ForeignKey(
        CalendarVersion, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    target_seconds = models.PositiveBigIntegerField(null=True)
    state = models.CharField(max_length=10, choices=ClockState, default=ClockState.RUNNING)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    pauses = ArrayField(DateTimeRangeField(), default=list)
    paused_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True)
    plan_at = ArrayField(models.DateTimeField(), default=list)
    plan_code = ArrayField(models.CharField(max_length=20), default=list)
    plan_pos = models.PositiveSmallIntegerField(default=0)
    next_event_at = models.DateTimeField(null=True)
    silent_before = models.DateTimeField(null=True)
    error_count = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_kind", "subject_id", "metric", "cycle"], name="sla_clock_once"),
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "metric"], condition=OPEN, name="sla_clock_one_open"
            ),
            models.CheckConstraint(condition=Q(cycle__gte=1), name="sla_clock_cycle_from_1"),
            models.CheckConstraint(condition=Q(state__in=ClockState.values), name="sla_clock_state_known"),
            models.CheckConstraint(
                condition=Q(state=ClockState.PAUSED, paused_at__isnull=False)
                | (~Q(state=ClockState.PAUSED) & Q(paused_at=None)),
                name="sla_clock_paused_since",
            ),
            models.CheckConstraint(
                condition=Q(state=ClockState.MET, met_at__isnull=False) | (~Q(state=ClockState.MET) & Q(met_at=None)),
                name="sla_clock_met_at",
            ),
            models.CheckConstraint(condition=RUNNING | Q(next_event_at=None), name="sla_clock_only_running_fires"),
            models.CheckConstraint(
                condition=Q(policy_version=None, calendar_version=None, target_seconds=None)
                | Q(policy_version__isnull=False, calendar_version__isnull=False, target_seconds__gt=0),
                name="sla_clock_target_or_fixed",
            ),
            models.CheckConstraint(
                condition=Q(target_seconds__isnull=False) | (~Q(state=ClockState.PAUSED) & Q(pauses__len=0)),
                name="sla_clock_fixed_never_pauses",
            ),
            models.CheckConstraint(condition=Q(due_at__gte=F("started_at")), name="sla_clock_due_after_start"),
            models.CheckConstraint(
                condition=Q(plan_at__len=F("plan_code__len"), plan_pos__lte=F("plan_at__len")), name="sla_clock_plan"
            ),
        ]
        indexes = [
            models.Index("subject_kind", "next_event_at", "id", condition=RUNNING, name="sla_clock_due"),
            models.Index("next_event_at", "id", condition=RUNNING & Q(error_count__gt=0), name="sla_clock_postponed"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject_id} {self.metric} {self.cycle}"

    @property
    def is_fixed(self) -> bool:
        """True for a due instant that nothing moves, such as a statutory deadline."""
        return self.target_seconds is None


class ClockEvent(models.Model):
    """Something that happened to a clock, at the instant it was due to. Append-only.

    `threshold`: percent of a warning, level of an escalation, number of a pause, else 0. `silent`: written by an
    import about the past; nobody was told.
    """

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="events", db_index=False)
    kind = models.CharField(max_length=12, choices=EventKind)
    threshold = models.PositiveSmallIntegerField(default=0)
    revision = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField()
    due_at = models.DateTimeField()
    silent = models.BooleanField(default=False, db_default=False)
    actor_id = models.BigIntegerField(null=True)
    params = models.JSONField(null=True)
    recorded_at = models.DateTimeField(default=timezone.now, db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clock", "kind", "threshold", "revision"], name="sla_event_once"),
            models.UniqueConstraint(
                fields=["clock", "kind"], condition=Q(kind__in=ONCE_KINDS), name="sla_event_once_ever"
            ),
            models.CheckConstraint(condition=Q(kind__in=EventKind.values), name="sla_event_kind_known"),
        ]
        indexes = [BrinIndex("recorded_at", name="sla_event_recorded", autosummarize=True, pages_per_range=32)]

    def __str__(self) -> str:
        return f"{self.kind} {self.threshold}"
