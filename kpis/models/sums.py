"""Daily sums of the facts, made by workers from the facts alone: whatever is here can be made again.

A day is the site's local day. Null means that nobody measured it. Reads begin at sites, a team or somebody, over days: these indexes there
are and no others, because every sum that is made again pays for each of them.
"""

from django.db import models
from django.utils import timezone


class QueueDay(models.Model):
    """What a queue (null: a site's facts without one) did on a day. What lies in an approved exclusion is a row of its own."""

    site = models.ForeignKey("partners.Site", models.PROTECT, related_name="+", db_index=False)
    queue = models.ForeignKey("partners.Queue", models.PROTECT, null=True, related_name="+", db_index=False)
    day = models.DateField()
    excluded = models.BooleanField(default=False)
    computed_at = models.DateTimeField(default=timezone.now)
    offered = models.BigIntegerField(null=True)
    answered = models.BigIntegerField(null=True)
    answered_in_t = models.BigIntegerField(null=True)
    abandoned = models.BigIntegerField(null=True)
    short_abandoned = models.BigIntegerField(null=True)
    abandoned_in_t = models.BigIntegerField(null=True)
    handled = models.BigIntegerField(null=True)
    wait = models.BigIntegerField(null=True)
    talk = models.BigIntegerField(null=True)
    hold = models.BigIntegerField(null=True)
    wrap = models.BigIntegerField(null=True)
    paid = models.BigIntegerField(null=True)
    productive = models.BigIntegerField(null=True)
    available = models.BigIntegerField(null=True)
    handle = models.BigIntegerField(null=True)
    scheduled = models.BigIntegerField(null=True)
    in_adherence = models.BigIntegerField(null=True)
    worked = models.BigIntegerField(null=True)
    planned_absence = models.BigIntegerField(null=True)
    unplanned_absence = models.BigIntegerField(null=True)
    agent_handled = models.BigIntegerField(null=True)
    agent_talk = models.BigIntegerField(null=True)
    agent_hold = models.BigIntegerField(null=True)
    agent_wrap = models.BigIntegerField(null=True)
    nps_responses = models.BigIntegerField(null=True)
    promoters = models.BigIntegerField(null=True)
    passives = models.BigIntegerField(null=True)
    detractors = models.BigIntegerField(null=True)
    csat_responses = models.BigIntegerField(null=True)
    satisfied = models.BigIntegerField(null=True)
    evaluations = models.BigIntegerField(null=True)
    qa_points = models.DecimalField(max_digits=14, decimal_places=3, null=True)
    qa_possible = models.DecimalField(max_digits=14, decimal_places=3, null=True)
    auto_fails = models.BigIntegerField(null=True)
    critical_errors = models.BigIntegerField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("site", "day", "queue", "excluded"), nulls_distinct=False, name="queue_day_once"
            ),
        )
        indexes = (models.Index(fields=("day", "site"), name="queue_day_day"),)

    def __str__(self) -> str:
        return f"{self.site_id} {self.day}"


class AgentDay(models.Model):
    """What somebody did on a day; programme, team and lead are those of the placement in force that day."""

    site = models.ForeignKey("partners.Site", models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey("partners.Person", models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    excluded = models.BooleanField(default=False)
    programme = models.ForeignKey("partners.Programme", models.PROTECT, null=True, related_name="+", db_index=False)
    team = models.ForeignKey("partners.Team", models.PROTECT, null=True, related_name="+", db_index=False)
    lead = models.ForeignKey("partners.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    computed_at = models.DateTimeField(default=timezone.now)
    paid = models.BigIntegerField(null=True)
    productive = models.BigIntegerField(null=True)
    available = models.BigIntegerField(null=True)
    handle = models.BigIntegerField(null=True)
    scheduled = models.BigIntegerField(null=True)
    in_adherence = models.BigIntegerField(null=True)
    worked = models.BigIntegerField(null=True)
    planned_absence = models.BigIntegerField(null=True)
    unplanned_absence = models.BigIntegerField(null=True)
    agent_handled = models.BigIntegerField(null=True)
    agent_talk = models.BigIntegerField(null=True)
    agent_hold = models.BigIntegerField(null=True)
    agent_wrap = models.BigIntegerField(null=True)
    nps_responses = models.BigIntegerField(null=True)
    promoters = models.BigIntegerField(null=True)
    passives = models.BigIntegerField(null=True)
    detractors = models.BigIntegerField(null=True)
    csat_responses = models.BigIntegerField(null=True)
    satisfied = models.BigIntegerField(null=True)
    evaluations = models.BigIntegerField(null=True)
    qa_points = models.DecimalField(max_digits=14, decimal_places=3, null=True)
    qa_possible = models.DecimalField(max_digits=14, decimal_places=3, null=True)
    auto_fails = models.BigIntegerField(null=True)
    critical_errors = models.BigIntegerField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("site", "day", "person", "excluded"), name="agent_day_once"),)
        indexes = (
            models.Index(fields=("team", "day"), name="agent_day_team"),
            models.Index(fields=("person", "day"), name="agent_day_person"),
        )

    def __str__(self) -> str:
        return f"{self.person_id} {self.day}"


class DirtyBucket(models.Model):
    """A site's day whose facts have changed since its sums were made. Marking it again locks it, so that no worker misses a change."""

    site = models.ForeignKey("partners.Site", models.CASCADE, related_name="+")
    day = models.DateField()
    marked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("site", "day"), name="dirty_bucket_once"),)
        indexes = (models.Index(fields=("marked_at", "id"), name="dirty_bucket_oldest"),)

    def __str__(self) -> str:
        return f"{self.site_id} {self.day}"


class Difference(models.Model):
    """What the nightly check found: sums that were not what the facts say. They have been made again since."""

    site = models.ForeignKey("partners.Site", models.PROTECT, related_name="+")
    queue = models.ForeignKey("partners.Queue", models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey("partners.Person", models.PROTECT, null=True, related_name="+")
    day = models.DateField()
    component = models.CharField(max_length=40)
    stored = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    derived = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    found_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-found_at", "-id")

    def __str__(self) -> str:
        return f"{self.component} {self.day}"
