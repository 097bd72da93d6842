"""Actions: who does what until when, what it is to change, who saw that it was done."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.naming import Versioned

from ..choices import ENDED_ACTIONS, LIVE_ACTIONS, ActionState, Side, Source

_DONE = [ActionState.DONE, ActionState.VERIFIED]


class Action(Versioned):
    """A thing to do. Its reference is A- and its number, which is the primary key. No site and no partner: about the network.

    It is expected to move `kpi` by `expected_change` (in the KPI's unit, percent as a ratio; less than 0 lowers it). The due instant is a clock's.
    Whoever verifies is neither who did it nor its owner, as themselves or for somebody: a CHECK and a trigger refuse it.
    """

    title = models.CharField(_("action"), max_length=200)
    text = models.TextField(_("details"), max_length=4000, blank=True, default="")
    site = models.ForeignKey("partners.Site", models.PROTECT, null=True, blank=True, related_name="+")
    partner = models.ForeignKey("partners.Partner", models.PROTECT, null=True, blank=True, related_name="+")
    side = models.CharField(_("side"), max_length=7, choices=Side)
    owner = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("owner"))
    due_at = models.DateTimeField(_("due"))
    state = models.CharField(max_length=9, choices=ActionState, default=ActionState.OPEN)
    is_overdue = models.BooleanField(default=False)

    source = models.CharField(max_length=9, choices=Source, default=Source.OTHER)
    finding = models.ForeignKey("Finding", models.PROTECT, null=True, blank=True, related_name="actions")
    line = models.ForeignKey("Line", models.PROTECT, null=True, blank=True, related_name="actions")
    engagement = models.ForeignKey("Engagement", models.PROTECT, null=True, blank=True, related_name="actions")
    series = models.ForeignKey("Series", models.PROTECT, null=True, blank=True, related_name="actions")
    case = models.ForeignKey("escalations.Case", models.PROTECT, null=True, blank=True, related_name="+")
    # The scorecard cell: the site above, this KPI, this period.
    period = models.CharField(max_length=12, blank=True, default="")

    kpi = models.ForeignKey("kpis.Kpi", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("KPI"))
    expected_change = models.DecimalField(_("expected change"), max_digits=12, decimal_places=4, null=True, blank=True)

    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    evidence = models.TextField(_("evidence"), max_length=4000, blank=True, default="")
    done_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    done_for = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    verified_for = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    verified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("due_at", "id")
        indexes = (
            models.Index(fields=("due_at", "id"), condition=Q(state__in=LIVE_ACTIONS), name="action_live"),
            models.Index(fields=("site", "due_at", "id"), condition=Q(state__in=LIVE_ACTIONS), name="action_live_site"),
            models.Index(fields=("owner", "due_at"), condition=Q(state__in=LIVE_ACTIONS), name="action_live_owner"),
            models.Index(fields=("site", "-created_at", "-id"), name="action_site"),
            # As pages are read: their first column may be null, as far as they know.
            models.Index(
                F("created_at").desc(nulls_last=True),
                F("id").desc(),
                condition=Q(state__in=ENDED_ACTIONS),
                name="action_ended",
            ),
            models.Index(
                fields=("-verified_at", "-id"), condition=Q(state=ActionState.VERIFIED), name="action_verified_last"
            ),
        )
        constraints = (
            models.CheckConstraint(condition=Q(site=None) | Q(partner=None), name="action_one_place"),
            models.CheckConstraint(condition=Q(state__in=ActionState.values), name="action_state_known"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="action_side_known"),
            models.CheckConstraint(
                condition=(Q(state__in=_DONE) & Q(done_at__isnull=False, done_by__isnull=False))
                | (~Q(state__in=_DONE) & Q(done_at=None, done_by=None, done_for=None)),
                name="action_done",
            ),
            models.CheckConstraint(
                condition=Q(state=ActionState.VERIFIED, verified_at__isnull=False, verified_by__isnull=False)
                | (~Q(state=ActionState.VERIFIED) & Q(verified_at=None, verified_by=None, verified_for=None)),
                name="action_verified",
            ),
            models.CheckConstraint(
                condition=Q(verified_by=None)
                | (
                    ~Q(verified_by=F("done_by")) & ~Q(verified_by=F("owner"))
                    & (Q(done_for=None) | ~Q(verified_by=F("done_for")))
                    & (Q(verified_for=None) | (~Q(verified_for=F("done_by")) & ~Q(verified_for=F("owner"))))
                    & (Q(verified_for=None) | Q(done_for=None) | ~Q(verified_for=F("done_for")))
                ),
                name="action_two_people",
            ),
            models.CheckConstraint(
                condition=Q(expected_change=None) | Q(kpi__isnull=False), name="action_change_of_a_kpi"
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """What people call it."""
        return f"A-{self.pk}"


class ActionEvent(models.Model):
    """What happened to an action: a code with parameters, told in the reader's language; `text` is what somebody wrote. Append-only."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="events")
    code = models.CharField(max_length=40)
    params = models.JSONField(default=dict, blank=True)
    text = models.TextField(max_length=4000, blank=True, default="")
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    for_user = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.action_id} {self.code}"
