"""Who holds what, and why. A grant ends only when no reason for it lives."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ..choices import ReasonKind
from .catalogue import Entitlement, System
from .requests import RequestItem

LIVE = Q(ended_at=None)


class Account(models.Model):
    """What a system calls a person, as it said itself."""

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="accounts")
    person = models.ForeignKey("partners.Person", on_delete=models.PROTECT, related_name="+")
    external_id = models.CharField(max_length=200)
    active = models.BooleanField(default=True)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "person"], name="account_one_per_person"),
            models.UniqueConstraint(fields=["system", "external_id"], name="account_external_id_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} at {self.system_id}"


class Grant(models.Model):
    """A person holds an entitlement, as far as anybody knows.

    It begins when the item is handed over, since from then on the system may know of it (`confirmed_at` None: nobody
    has said so yet), and ends when its removal is verified. The database refuses an end while a reason lives.
    `recheck_at`: when to look once more whether what was removed is still gone; a late answer may have brought it back.
    """

    person = models.ForeignKey("partners.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey(RequestItem, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    revoke_item = models.ForeignKey(RequestItem, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    recheck_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "entitlement"], condition=LIVE, name="grant_one_live"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")), name="grant_ends_later"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "entitlement"], name="grant_person"),
            models.Index(fields=["entitlement", "person"], condition=LIVE, name="grant_live_entitlement"),
            # Few are; the matrix looks for them.
            models.Index(fields=["person"], condition=LIVE & Q(verified_at=None), name="grant_unproven"),
            models.Index(fields=["recheck_at"], condition=Q(recheck_at__isnull=False), name="grant_recheck"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} holds {self.entitlement_id}"


class GrantReason(models.Model):
    """One reason for a grant. `ends_at`: when it ends by itself; `ended_at`: when it did."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="reasons")
    kind = models.CharField(max_length=10, choices=ReasonKind)
    bundle = models.ForeignKey("Bundle", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    item = models.ForeignKey(RequestItem, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    sod_exception = models.ForeignKey("SodException", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=ReasonKind.BUNDLE, bundle__isnull=False, sod_exception=None)
                | Q(kind=ReasonKind.REQUEST, item__isnull=False, bundle=None, sod_exception=None)
                | Q(kind=ReasonKind.EXCEPTION, sod_exception__isnull=False, bundle=None),
                name="grant_reason_names_its_kind",
            ),
            models.UniqueConstraint(
                fields=["grant", "bundle"], condition=LIVE & Q(bundle__isnull=False), name="grant_reason_bundle_once"
            ),
            models.UniqueConstraint(
                fields=["grant", "item"], condition=LIVE & Q(item__isnull=False), name="grant_reason_item_once"
            ),
        ]
        indexes = [
            models.Index(fields=["grant"], condition=LIVE, name="grant_reason_live"),
            models.Index(fields=["ends_at"], condition=LIVE & Q(ends_at__isnull=False), name="grant_reason_ends"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.grant_id}"
