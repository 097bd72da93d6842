"""Rosters as sites send them, and what each row of one proposes."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..choices import Decision, ProposalKind, RosterState
from .organisation import JobRole, Programme, Site, Team
from .people import Engagement, Person, Placement

COUNTS = ("joiners", "movers", "leavers", "rehires", "unchanged", "undecided", "errors")
OPEN_STATES = (RosterState.PREVIEWED, RosterState.SENT)


class Roster(models.Model):
    """Who is at a site on a day, as a file says: previewed, sent, then applied as a whole or discarded."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="rosters", verbose_name=_("site"))
    as_of = models.DateField(_("as of"))
    source = models.CharField(max_length=40)
    file_name = models.CharField(max_length=200, blank=True, default="")
    sha256 = models.CharField(max_length=64)
    heading = ArrayField(models.TextField(), default=list)
    mapping = models.JSONField()
    state = models.CharField(max_length=10, choices=RosterState, default=RosterState.PREVIEWED)
    uploaded_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    sent_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(default=0)
    joiners = models.PositiveIntegerField(default=0)
    movers = models.PositiveIntegerField(default=0)
    leavers = models.PositiveIntegerField(default=0)
    rehires = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    undecided = models.PositiveIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-uploaded_at", "-id")
        indexes = (
            models.Index(fields=("site", "-as_of"), condition=Q(state="applied"), name="roster_applied"),
            models.Index(fields=("site",), condition=Q(state__in=OPEN_STATES), name="roster_open"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(state__in=RosterState.values), name="roster_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES, closed_at__isnull=True)
                | Q(state__in=(RosterState.APPLIED, RosterState.DISCARDED), closed_at__isnull=False),
                name="roster_closed_when_done",
            ),
            models.CheckConstraint(
                condition=~Q(state=RosterState.SENT) | Q(sent_at__isnull=False), name="roster_sent_with_time"
            ),
            # Nothing is applied that somebody has still to fix or decide.
            models.CheckConstraint(
                condition=~Q(state=RosterState.APPLIED) | Q(errors=0, undecided=0), name="roster_applied_whole"
            ),
            models.CheckConstraint(
                condition=Q(as_of__gte="1970-01-01", as_of__lte="2199-12-31"), name="roster_day_in_range"
            ),
        )

    def __str__(self) -> str:
        return f"{self.site_id} {self.as_of}"

    @property
    def is_open(self) -> bool:
        """Whether it may still be applied or discarded."""
        return self.state in OPEN_STATES

    @property
    def changes_nothing(self) -> bool:
        """Whether every row is as the directory has it."""
        return self.unchanged == self.rows and not self.leavers

    @property
    def to_fix(self) -> int:
        """How many rows somebody has to fix or decide."""
        return self.errors + self.undecided

    @property
    def is_ready(self) -> bool:
        """Whether nothing has to be fixed or decided any more."""
        return not (self.errors or self.undecided)


class RosterProposal(models.Model):
    """One row of the file (`row` counts the heading as 1), or, without a row, somebody the file lacks.

    `cells` is the row as it was read; it goes when the roster is applied or discarded. `said` is what it was understood
    to say. A fault is a code with parameters; its sentence is made for whoever reads it.
    """

    roster = models.ForeignKey(Roster, models.CASCADE, related_name="proposals")
    row = models.PositiveIntegerField(null=True)
    kind = models.CharField(max_length=10, choices=ProposalKind)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    engagement = models.ForeignKey(Engagement, models.PROTECT, null=True, related_name="+")
    placement = models.ForeignKey(Placement, models.PROTECT, null=True, related_name="+")
    programme = models.ForeignKey(Programme, models.PROTECT, null=True, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    job_role = models.ForeignKey(JobRole, models.PROTECT, null=True, related_name="+")
    lead = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    lead_row = models.PositiveIntegerField(null=True)
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    cells = models.JSONField(default=dict)
    said = models.JSONField(default=dict)
    changes = models.JSONField(default=dict)
    fault_field = models.CharField(max_length=40, blank=True, default="")
    fault = models.CharField(max_length=40, blank=True, default="")
    fault_params = models.JSONField(default=dict)
    candidates = ArrayField(models.BigIntegerField(), default=list)
    decision = models.CharField(max_length=4, choices=Decision, blank=True, default="")
    decided_person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("row", "id")
        indexes = (models.Index(fields=("roster", "kind", "row"), name="proposal_kind"),)
        constraints = (
            models.UniqueConstraint(fields=("roster", "row"), name="proposal_row_once"),
            models.UniqueConstraint(
                fields=("roster", "person"),
                condition=~Q(kind__in=(ProposalKind.ERROR, ProposalKind.UNDECIDED)),
                name="proposal_person_once",
            ),
            models.CheckConstraint(condition=Q(kind__in=ProposalKind.values), name="proposal_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=ProposalKind.ERROR) & ~Q(fault="") | ~Q(kind=ProposalKind.ERROR) & Q(fault=""),
                name="proposal_error_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=(ProposalKind.MOVER, ProposalKind.LEAVER, ProposalKind.REHIRE))
                | Q(person__isnull=False),
                name="proposal_of_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(decision=Decision.SAME) | Q(decided_person__isnull=False), name="proposal_same_as_whom"
            ),
        )

    def __str__(self) -> str:
        return f"{self.roster_id}:{self.row} {self.kind}"
