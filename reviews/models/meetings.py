"""Meetings and visits: series, agenda, attendees, notes, decisions, minutes, the calendar feed."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.naming import Versioned

from ..choices import AgendaKind, EngagementKind, EngagementState, Reply


class Series(Versioned):
    """Meetings that come again by an RFC 5545 rule in their own time zone, until `last_day`. Workers make the engagements weeks ahead."""

    kind = models.CharField(_("kind"), max_length=16, choices=EngagementKind)
    title = models.CharField(_("title"), max_length=120)
    site = models.ForeignKey("partners.Site", models.PROTECT, null=True, blank=True, related_name="+")
    partner = models.ForeignKey("partners.Partner", models.PROTECT, null=True, blank=True, related_name="+")
    rule = models.CharField(max_length=200)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    at = models.TimeField(_("at"))
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    time_zone = models.CharField(_("time zone"), max_length=64)
    place = models.CharField(_("place or link"), max_length=400, blank=True, default="")
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    made_until = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("title", "id")
        constraints = (
            models.CheckConstraint(condition=Q(site=None) | Q(partner=None), name="series_one_place"),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="series_days"),
            models.CheckConstraint(condition=Q(minutes__gte=5, minutes__lte=1440), name="series_minutes"),
        )

    def __str__(self) -> str:
        return self.title


class SeriesMember(models.Model):
    """Who is invited to every meeting of a series."""

    series = models.ForeignKey(Series, models.CASCADE, related_name="members")
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("series", "user"), name="series_member_once"),)

    def __str__(self) -> str:
        return f"{self.series_id} {self.user_id}"


class Engagement(Versioned):
    """A meeting, visit or shadowing. `occurrence`: the day of the series' rule that it stands for, wherever it was moved to.

    No site and no partner: about the network. `uid` and `sequence` are those of the iCalendar invitation.
    """

    series = models.ForeignKey(Series, models.PROTECT, null=True, blank=True, related_name="engagements")
    occurrence = models.DateField(null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=16, choices=EngagementKind)
    title = models.CharField(_("title"), max_length=120)
    site = models.ForeignKey("partners.Site", models.PROTECT, null=True, blank=True, related_name="+")
    partner = models.ForeignKey("partners.Partner", models.PROTECT, null=True, blank=True, related_name="+")
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    time_zone = models.CharField(_("time zone"), max_length=64)
    place = models.CharField(_("place or link"), max_length=400, blank=True, default="")
    state = models.CharField(max_length=9, choices=EngagementState, default=EngagementState.PLANNED)
    uid = models.UUIDField(unique=True)
    sequence = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    agenda_made_at = models.DateTimeField(null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    cancelled_reason = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        ordering = ("starts_at", "id")
        indexes = (
            models.Index(fields=("starts_at", "id"), name="engagement_when"),
            models.Index(fields=("site", "kind", "-starts_at"), name="engagement_site"),
        )
        constraints = (
            # What its series called off gives the day back; what somebody called off, with a reason, keeps it.
            models.UniqueConstraint(
                fields=("series", "occurrence"),
                condition=~Q(state=EngagementState.CANCELLED, cancelled_reason=""),
                name="engagement_day_once",
            ),
            models.CheckConstraint(condition=Q(site=None) | Q(partner=None), name="engagement_one_place"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="engagement_lasts"),
            models.CheckConstraint(condition=Q(state__in=EngagementState.values), name="engagement_state_known"),
            models.CheckConstraint(
                condition=Q(series=None, occurrence=None) | Q(series__isnull=False, occurrence__isnull=False),
                name="engagement_occurrence",
            ),
            models.CheckConstraint(
                condition=Q(state=EngagementState.HELD, held_at__isnull=False)
                | (~Q(state=EngagementState.HELD) & Q(held_at=None)),
                name="engagement_held",
            ),
        )

    def __str__(self) -> str:
        return self.title


class Attendee(models.Model):
    """Who is invited, what they answered, and whether they came. A guest without account has a name only, and is sent nothing.

    `asked_sequence`: of the newest letter to them, which went, or goes, at `asked_at`.
    """

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="attendees")
    user = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    guest = models.CharField(max_length=120, blank=True, default="")
    reply = models.CharField(max_length=9, choices=Reply, default=Reply.NONE)
    came = models.BooleanField(null=True, blank=True)
    asked_sequence = models.PositiveIntegerField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("engagement", "user"), name="attendee_once"),
            models.CheckConstraint(
                condition=(Q(user__isnull=False) & Q(guest="")) | (Q(user=None) & ~Q(guest="")), name="attendee_who"
            ),
        )

    def __str__(self) -> str:
        return self.guest or str(self.user_id)


class AgendaItem(Versioned):
    """A point of the agenda, with the notes on it. Built ones are a code with parameters; `source` refers to what they came from, once.

    `added_by`: whose topic it is, and `added_for` whom they stood in for; nobody where it was built.
    Notes are one text that several people write: `note_version` counts what was saved, `NoteRevision` keeps each.
    """

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="agenda")
    position = models.PositiveIntegerField(default=0)
    kind = models.CharField(max_length=9, choices=AgendaKind, default=AgendaKind.TOPIC)
    title = models.CharField(_("topic"), max_length=200, blank=True, default="")
    code = models.CharField(max_length=40, blank=True, default="")
    params = models.JSONField(default=dict, blank=True)
    source = models.CharField(max_length=80, blank=True, default="")
    line = models.ForeignKey("Line", models.PROTECT, null=True, blank=True, related_name="+")
    action = models.ForeignKey("Action", models.PROTECT, null=True, blank=True, related_name="agenda_items")
    added_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    added_for = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    notes = models.TextField(_("notes"), max_length=20000, blank=True, default="")
    note_version = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("engagement", "source"), condition=~Q(source=""), name="agenda_source_once"
            ),
            models.CheckConstraint(condition=~Q(title="") | ~Q(code=""), name="agenda_says_something"),
        )

    def __str__(self) -> str:
        return self.title or self.code


class NoteRevision(models.Model):
    """What the notes of a point were after each save, and who saved: what a merge starts from. Append-only."""

    item = models.ForeignKey(AgendaItem, models.CASCADE, related_name="note_revisions")
    number = models.PositiveIntegerField()
    text = models.TextField(max_length=20000, blank=True, default="")
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("item", "number"), name="note_revision_once"),)

    def __str__(self) -> str:
        return f"{self.item_id} {self.number}"


class Decision(models.Model):
    """What was decided. Taken back rather than deleted."""

    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="decisions")
    item = models.ForeignKey(AgendaItem, models.PROTECT, null=True, blank=True, related_name="decisions")
    text = models.TextField(_("decision"), max_length=2000)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        return str(self.pk)


class Minutes(models.Model):
    """Minutes as they were sent. Append-only; a correction is the next revision."""

    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="minutes")
    revision = models.PositiveSmallIntegerField(default=1)
    data = models.JSONField()
    sent_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("engagement", "-revision")
        constraints = (models.UniqueConstraint(fields=("engagement", "revision"), name="minutes_once"),)

    def __str__(self) -> str:
        return f"{self.engagement_id} r{self.revision}"


class CalendarFeed(models.Model):
    """An address under which a calendar program reads somebody's meetings. Only the token's hash is kept."""

    user = models.OneToOneField("accounts.User", models.PROTECT, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.user_id)
