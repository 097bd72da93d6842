"""What the law of a jurisdiction asks of an answer to a complaint, and which cases it was asked of."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from escalations.choices import Channel
from escalations.choices.statutory import LONGEST_TERM, DayUnit, Duty
from portal.naming import in_language

from .case import Case
from .timeline import TimelineEntry


class Jurisdiction(models.Model):
    """Whose law it is. Its calendar says in which zone days begin and end, and which of them are worked on."""

    code = models.SlugField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    name_zh = models.CharField(max_length=120, blank=True)
    calendar = models.ForeignKey("sla.Calendar", on_delete=models.PROTECT, related_name="+")
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(code="") & ~Q(name=""), name="jurisdiction_named")]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return in_language(self.name, self.name_zh)


class StatutoryTerm(models.Model):
    """How long the law gives for one kind of answer, for complaints received within a period. What it says never changes,
    only its end may be set; another one follows it. `next_day`: counting begins on the day after receipt. `rolls`: a last
    day on which nobody works moves to the next working day."""

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="terms", db_index=False)
    duty = models.CharField(max_length=20, choices=Duty)
    amount = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=8, choices=DayUnit)
    next_day = models.BooleanField(default=True)
    rolls = models.BooleanField(default=False)
    basis = models.CharField(max_length=300)
    basis_zh = models.CharField(max_length=300, blank=True)
    link = models.CharField(max_length=500, blank=True)
    valid = DateRangeField()
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="statutory_term_one_at_a_time",
                expressions=[
                    ("jurisdiction", RangeOperators.EQUAL),
                    ("duty", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(condition=Q(duty__in=Duty.values), name="statutory_term_duty_known"),
            models.CheckConstraint(condition=Q(unit__in=DayUnit.values), name="statutory_term_unit_known"),
            models.CheckConstraint(
                condition=Q(amount__gte=1, amount__lte=LONGEST_TERM), name="statutory_term_amount_fits"
            ),
            models.CheckConstraint(condition=~Q(basis=""), name="statutory_term_has_basis"),
            models.CheckConstraint(condition=Q(link="") | Q(link__regex=r"^https?://"), name="statutory_term_link"),
            models.CheckConstraint(
                condition=Q(valid__isempty=True) | Q(valid__lower_inf=False), name="statutory_term_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction_id} {self.duty} {self.amount}"

    @property
    def law(self) -> str:
        """The legal basis in the reader's language."""
        return in_language(self.basis, self.basis_zh)


class Regulation(models.Model):
    """A case is a complaint under a jurisdiction's law, received at an instant. It stays; it can only be lifted, once."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="regulations")
    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField()
    complaint_ref = models.CharField(max_length=80, blank=True)
    marked_at = models.DateTimeField(default=timezone.now)
    marked_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(lifted_at=None), name="regulation_one_live"),
            models.CheckConstraint(condition=Q(received_at__lte=F("marked_at")), name="regulation_received_before"),
            models.CheckConstraint(
                condition=Q(lifted_by=None) | Q(lifted_at__isnull=False), name="regulation_lifted_whole"
            ),
        ]

    def __str__(self) -> str:
        return f"case {self.case_id} under {self.jurisdiction_id}"


class StatutoryDeadline(models.Model):
    """One clock of a regulated case, with the term and the calendar it was counted by. Append-only."""

    regulation = models.ForeignKey(Regulation, on_delete=models.PROTECT, related_name="deadlines", db_index=False)
    duty = models.CharField(max_length=20, choices=Duty)
    term = models.ForeignKey(StatutoryTerm, on_delete=models.PROTECT, related_name="+")
    calendar_version = models.ForeignKey(
        "sla.CalendarVersion", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    clock = models.OneToOneField("sla.Clock", on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["regulation", "duty"], name="statutory_deadline_once"),
            models.CheckConstraint(condition=Q(duty__in=Duty.values), name="statutory_deadline_duty_known"),
        ]

    def __str__(self) -> str:
        return f"{self.duty} of regulation {self.regulation_id}"


class StatutoryResponse(models.Model):
    """What met a statutory clock: a contact of the case that somebody named, or something sent elsewhere, by whom, with a file
    that shows it. Append-only. The file hangs on the entry."""

    clock = models.OneToOneField("sla.Clock", on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="statutory_responses")
    duty = models.CharField(max_length=20, choices=Duty)
    sent_at = models.DateTimeField()
    sent_by = models.CharField(max_length=120, blank=True)
    channel = models.CharField(max_length=12, choices=Channel)
    contact = models.ForeignKey(TimelineEntry, on_delete=models.PROTECT, null=True, related_name="+")
    entry = models.ForeignKey(TimelineEntry, on_delete=models.PROTECT, related_name="statutory_responses")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(duty__in=Duty.values), name="statutory_response_duty_known"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="statutory_response_channel_known"),
            models.CheckConstraint(
                condition=Q(contact__isnull=False, sent_by="") | (Q(contact=None) & ~Q(sent_by="")),
                name="statutory_response_says_who",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.duty} of case {self.case_id}"
