"""Facts as they were handed in: additive components, never a rate. What a source does not measure is null, not zero.

Contact and agent intervals are partitioned by the month of `starts_at` (UTC); their tables are made by SQL. An agent has one row an
interval: what somebody is paid for does not split by queue, so the queue is an attribute of it. What their rows speak of is checked by
the database once a statement, not by foreign keys row by row (migration 0008).
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ..choices import SurveyKind


class Provenance(models.Model):
    """Where a fact comes from: the import, and the line of its file."""

    batch = models.ForeignKey("kpis.Batch", models.PROTECT, related_name="+")
    row = models.PositiveIntegerField()

    class Meta:
        abstract = True


class Interval(Provenance):
    """What lies in the two large tables."""

    batch = models.ForeignKey("kpis.Batch", models.PROTECT, db_constraint=False, related_name="+")

    class Meta:
        abstract = True


class ContactInterval(Interval):
    """What happened in a queue in the `seconds` from `starts_at` on."""

    pk = models.CompositePrimaryKey("queue_id", "starts_at")
    queue = models.ForeignKey("partners.Queue", models.PROTECT, db_constraint=False, related_name="+")
    site = models.ForeignKey("partners.Site", models.PROTECT, db_constraint=False, related_name="+")
    starts_at = models.DateTimeField()
    seconds = models.PositiveIntegerField()
    offered = models.IntegerField()
    answered = models.IntegerField(null=True)
    answered_in_t = models.IntegerField(null=True)
    abandoned = models.IntegerField(null=True)
    short_abandoned = models.IntegerField(null=True)
    abandoned_in_t = models.IntegerField(null=True)
    handled = models.IntegerField(null=True)
    wait = models.IntegerField(null=True)
    talk = models.IntegerField(null=True)
    hold = models.IntegerField(null=True)
    wrap = models.IntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.queue_id} {self.starts_at}"


class AgentInterval(Interval):
    """What somebody was paid for and did in the `seconds` from `starts_at` on; all amounts are seconds but `agent_handled`."""

    pk = models.CompositePrimaryKey("site_id", "starts_at", "person_id")
    site = models.ForeignKey("partners.Site", models.PROTECT, db_constraint=False, related_name="+")
    starts_at = models.DateTimeField()
    person = models.ForeignKey("partners.Person", models.PROTECT, db_constraint=False, related_name="+")
    queue = models.ForeignKey("partners.Queue", models.PROTECT, null=True, db_constraint=False, related_name="+")
    seconds = models.PositiveIntegerField()
    paid = models.IntegerField()
    productive = models.IntegerField(null=True)
    available = models.IntegerField(null=True)
    handle = models.IntegerField(null=True)
    scheduled = models.IntegerField(null=True)
    in_adherence = models.IntegerField(null=True)
    worked = models.IntegerField(null=True)
    planned_absence = models.IntegerField(null=True)
    unplanned_absence = models.IntegerField(null=True)
    agent_handled = models.IntegerField(null=True)
    agent_talk = models.IntegerField(null=True)
    agent_hold = models.IntegerField(null=True)
    agent_wrap = models.IntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.person_id} {self.starts_at}"


class Placed(Provenance):
    """A fact with a site, and with queue and agent where they are known."""

    site = models.ForeignKey("partners.Site", models.PROTECT, related_name="+")
    queue = models.ForeignKey("partners.Queue", models.PROTECT, null=True, blank=True, related_name="+")
    person = models.ForeignKey("partners.Person", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True


class SurveyResponse(Placed):
    """One answer. NPS: 0..10. CSAT: 1..`scale`, satisfied are the two best."""

    source = models.CharField(max_length=40)
    external_id = models.CharField(max_length=80)
    kind = models.CharField(max_length=4, choices=SurveyKind)
    responded_at = models.DateTimeField()
    score = models.SmallIntegerField()
    scale = models.SmallIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("source", "kind", "external_id"), name="survey_response_once"),
            models.CheckConstraint(condition=Q(kind__in=SurveyKind.values), name="survey_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=SurveyKind.NPS, scale=10, score__gte=0, score__lte=10)
                | Q(kind=SurveyKind.CSAT, scale__gte=2, scale__lte=10, score__gte=1, score__lte=F("scale")),
                name="survey_score_on_scale",
            ),
        )
        indexes = (models.Index(fields=("site", "responded_at"), name="survey_site_time"),)

    def __str__(self) -> str:
        return f"{self.source} {self.external_id}"


class QaEvaluation(Placed):
    """One evaluation: weighted points given of weighted points possible, not-applicable left out. An auto-fail counts as 0 points."""

    source = models.CharField(max_length=40)
    external_id = models.CharField(max_length=80)
    evaluated_at = models.DateTimeField()
    points = models.DecimalField(max_digits=9, decimal_places=3)
    possible = models.DecimalField(max_digits=9, decimal_places=3)
    auto_fail = models.BooleanField(default=False)
    critical_error = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("source", "external_id"), name="qa_evaluation_once"),
            models.CheckConstraint(
                condition=Q(points__gte=0, possible__gt=0, points__lte=F("possible")), name="qa_points_possible"
            ),
        )
        indexes = (models.Index(fields=("site", "evaluated_at"), name="qa_site_time"),)

    def __str__(self) -> str:
        return f"{self.source} {self.external_id}"


class Figure(Placed):
    """One daily figure of a component of its own: stocks, headcount, what other wings and custom KPIs bring. `day` is the site's."""

    # The constraint's index begins with the site and tells days as well; an index of the site alone would be taken in its place.
    site = models.ForeignKey("partners.Site", models.PROTECT, db_index=False, related_name="+")
    component = models.ForeignKey("Component", models.PROTECT, related_name="+")
    day = models.DateField(_("day"))
    value = models.DecimalField(max_digits=18, decimal_places=4)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("site", "day", "component", "queue", "person"), nulls_distinct=False, name="figure_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.component_id} {self.day}"
