"""Systems, entitlements, and who owns and works them."""

from itertools import zip_longest

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners.choices import Language
from portal.naming import in_language

from ..choices import Channel, DataClass, Proof, StageKind
from .base import Named


class Group(Named):
    """People who decide together, or who fulfil for the same systems."""


class GroupMember(models.Model):
    """Somebody's place in a group, from a start until it is ended."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "user"], condition=Q(ended_at=None), name="group_member_once"),
        ]
        indexes = [models.Index(fields=["user", "group"], condition=Q(ended_at=None), name="group_member_live")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.group_id}"


class ApprovalRule(Named):
    """The stages that an item passes, in order."""


class ApprovalStage(models.Model):
    """One stage: who decides. Stages of a rule are numbered from 1."""

    rule = models.ForeignKey(ApprovalRule, on_delete=models.PROTECT, related_name="stages")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=StageKind)
    group = models.ForeignKey(Group, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["rule", "number"]
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="approval_stage_number_unique"),
            models.CheckConstraint(condition=Q(number__gte=1, number__lte=9), name="approval_stage_number_range"),
            models.CheckConstraint(
                condition=Q(kind__in=[StageKind.GROUP_ANY, StageKind.GROUP_ALL], group__isnull=False)
                | Q(kind__in=[StageKind.SITE_MANAGER, StageKind.SYSTEM_OWNER], group=None),
                name="approval_stage_group_fits_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id}/{self.number}"


class WithChecks(Named):
    """Has what to try before trouble is reported, in order; in Chinese, if at all, as many lines."""

    first_checks = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    first_checks_zh = ArrayField(models.CharField(max_length=200), default=list, blank=True)

    class Meta(Named.Meta):
        abstract = True

    @property
    def checks_with_chinese(self) -> list[tuple[str, str]]:
        """Each check with its Chinese, "" where there is none."""
        return list(zip_longest(self.first_checks, self.first_checks_zh, fillvalue=""))

    @property
    def check_labels(self) -> list[str]:
        """The checks in the reader's language; English where there is no Chinese."""
        return [in_language(text, text_zh) for text, text_zh in self.checks_with_chinese]


def _paired(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(first_checks_zh__len=0) | Q(first_checks_zh__len=F("first_checks__len")), name=name
    )


class System(WithChecks):
    """Something people sign in to.

    `lead_minutes`: what fulfilment usually takes, in business minutes of the site's calendar. `seat_cost` is per month.
    """

    owner = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    group = models.ForeignKey(
        Group, on_delete=models.PROTECT, null=True, blank=True, related_name="systems", verbose_name=_("IT group")
    )
    rule = models.ForeignKey(
        ApprovalRule, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approval")
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, default=Channel.MANUAL)
    ticket_address = models.EmailField(_("ticket address"), blank=True, default="")
    # What letters to the ticket address are written in.
    ticket_language = models.CharField(
        _("language of letters"), max_length=10, choices=Language, default=Language.ENGLISH
    )
    webhook_target = models.ForeignKey(
        "webhooks.WebhookTarget", on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("webhook"),
    )  # fmt: skip
    scim_url = models.URLField(_("SCIM address"), blank=True, default="")
    scim_token = models.TextField(blank=True, default="", editable=False)  # encrypted
    data_class = models.CharField(_("data class"), max_length=12, choices=DataClass, default=DataClass.INTERNAL)
    proof = models.CharField(_("verified by"), max_length=10, choices=Proof, default=Proof.LEAD)
    seat_limit = models.PositiveIntegerField(_("seats"), null=True, blank=True)
    seat_cost = models.DecimalField(_("cost per seat and month"), max_digits=9, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="")
    lead_minutes = models.PositiveIntegerField(_("usual time, in business minutes"), default=480)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="system_channel_known"),
            models.CheckConstraint(
                condition=~Q(channel=Channel.EMAIL) | ~Q(ticket_address=""), name="system_email_has_address"
            ),
            models.CheckConstraint(
                condition=~Q(channel=Channel.WEBHOOK) | Q(webhook_target__isnull=False),
                name="system_webhook_has_target",
            ),
            models.CheckConstraint(condition=~Q(channel=Channel.SCIM) | ~Q(scim_url=""), name="system_scim_has_url"),
            models.CheckConstraint(condition=Q(seat_cost=None) | Q(seat_cost__gte=0), name="system_cost_not_negative"),
            models.CheckConstraint(condition=Q(seat_cost=None) | ~Q(currency=""), name="system_cost_has_currency"),
            models.CheckConstraint(condition=Q(ticket_language__in=Language.values), name="system_language_known"),
            _paired("system_checks_paired"),
        ]


class Entitlement(WithChecks):
    """One thing that a person may hold in a system. `max_days`: the longest that it may be held on one reason."""

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="entitlements")
    rule = models.ForeignKey(
        ApprovalRule, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approval")
    )
    privileged = models.BooleanField(_("privileged"), default=False)
    max_days = models.PositiveIntegerField(_("longest duration in days"), null=True, blank=True)
    # What the system calls it: a SCIM group, a role.
    external_value = models.CharField(_("name in the system"), max_length=200, blank=True, default="")

    class Meta:
        ordering = ["system", "name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(max_days=None) | Q(max_days__gte=1), name="entitlement_days_positive"),
            models.CheckConstraint(
                condition=Q(privileged=False) | Q(max_days__isnull=False), name="entitlement_privileged_is_limited"
            ),
            _paired("entitlement_checks_paired"),
        ]
