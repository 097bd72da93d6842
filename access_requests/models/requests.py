"""Requests, their items, decisions about them, and what happened."""

from datetime import UTC, datetime
from typing import Final

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from ..choices import (
    OPEN_STATES,
    WAITING_FAILURES,
    ItemState,
    Operation,
    Origin,
    Proof,
    RequestKind,
    RequestState,
    Verdict,
)
from .catalogue import ApprovalRule, Entitlement

OPEN = Q(state__in=OPEN_STATES)
#: The last instant: what is not due at all comes last.
NEVER: Final = datetime(9999, 12, 30, tzinfo=UTC)
#: States of items that IT's lists show.
STATES_WITH_IT: Final = (
    ItemState.SENT,
    ItemState.CLAIMED_DONE,
    ItemState.FAILED_RETRYABLE,
    ItemState.FAILED_FINAL,
)


class AccessRequest(models.Model):
    """Somebody asks for access to change. Its reference is AR- and its running number.

    `state` is derived from the items by a trigger. `first_shift_at` drives the due instant of joiners, `last_shift_at`
    that of leavers. `origin_key` makes what a worker raises happen once.
    """

    kind = models.CharField(max_length=16, choices=RequestKind)
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.PERSON)
    origin_key = models.CharField(max_length=120, blank=True, default="")
    site = models.ForeignKey("partners.Site", on_delete=models.PROTECT, related_name="+")
    requested_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    on_behalf_of = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True, default="")
    state = models.CharField(max_length=20, choices=RequestState, default=RequestState.DRAFT)
    first_shift_at = models.DateTimeField(null=True, blank=True)
    last_shift_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=RequestKind.values), name="request_kind_known"),
            models.CheckConstraint(condition=Q(state__in=RequestState.values), name="request_state_known"),
            models.UniqueConstraint(fields=["origin_key"], condition=~Q(origin_key=""), name="request_origin_once"),
        ]
        indexes = [
            models.Index(fields=["site", "state", "-id"], name="request_site_state"),
            models.Index(fields=["state", "-id"], name="request_state_newest"),
            models.Index(fields=["requested_by", "-id"], name="request_requester"),
            models.Index(fields=["-id"], condition=Q(origin=Origin.SWEEP), name="request_swept"),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """The reference people use, like AR-1182."""
        return f"AR-{self.pk}"


class RequestItem(models.Model):
    """One entitlement for one person, to be granted or revoked.

    `rule` and `stage`: the approval it passes and the stage it waits at (0: none). `ends_at`: until when access is asked
    for. `generation` counts dispatches and is part of the idempotency key.
    """

    request = models.ForeignKey(AccessRequest, on_delete=models.PROTECT, related_name="items", db_index=False)
    person = models.ForeignKey("partners.Person", on_delete=models.PROTECT, related_name="+")
    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="+")
    operation = models.CharField(max_length=6, choices=Operation)
    state = models.CharField(max_length=20, choices=ItemState, default=ItemState.DRAFT)
    bundle_version = models.ForeignKey(
        "BundleVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    rule = models.ForeignKey(ApprovalRule, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    stage = models.PositiveSmallIntegerField(default=0)
    # Which time the item goes through its approval.
    round = models.PositiveSmallIntegerField(default=1)
    sod_rule = models.ForeignKey("SodRule", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # What lets the conflict be; the grant lasts as long as the exception.
    sod_exception = models.ForeignKey(
        "SodException", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # Since when nobody is there who may decide it.
    orphaned_at = models.DateTimeField(null=True, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    stage_since = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # For whom a stand-in said that it is done, or that it is so.
    claimed_for = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    verified_for = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    verified_how = models.CharField(max_length=10, choices=Proof, blank=True, default="")
    taken_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    taken_at = models.DateTimeField(null=True, blank=True)
    ticket = models.CharField(max_length=80, blank=True, default="")
    failure = models.CharField(max_length=200, blank=True, default="")
    superseded_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    generation = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ItemState.values), name="item_state_known"),
            models.CheckConstraint(condition=Q(operation__in=Operation.values), name="item_operation_known"),
            # Nothing is granted or revoked twice at a time. Drafts do not count.
            models.UniqueConstraint(
                fields=["person", "entitlement", "operation"],
                condition=OPEN & ~Q(state=ItemState.DRAFT),
                name="item_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state=ItemState.SUPERSEDED, superseded_by__isnull=False)
                | (~Q(state=ItemState.SUPERSEDED) & Q(superseded_by=None)),
                name="item_superseded_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state=ItemState.VERIFIED) | (Q(verified_at__isnull=False) & ~Q(verified_how="")),
                name="item_verified_has_proof",
            ),
            models.CheckConstraint(
                condition=Q(claimed_for=None) | Q(claimed_by__isnull=False) & ~Q(claimed_by=F("claimed_for")),
                name="item_claimed_for_another",
            ),
            models.CheckConstraint(
                condition=Q(verified_for=None) | Q(verified_by__isnull=False) & ~Q(verified_by=F("verified_for")),
                name="item_verified_for_another",
            ),
            models.CheckConstraint(
                condition=~Q(state=ItemState.AWAITING_APPROVAL) | Q(rule__isnull=False, stage__gte=1),
                name="item_awaiting_has_stage",
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(starts_at=None) | Q(ends_at__gt=F("starts_at")), name="item_ends_later"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "entitlement"], condition=OPEN, name="item_open_person"),
            models.Index(fields=["entitlement", "state", "due_at", "id"], condition=OPEN, name="item_open_entitlement"),
            models.Index(
                fields=["rule", "stage", "id"],
                condition=Q(state=ItemState.AWAITING_APPROVAL),
                name="item_awaiting_stage",
            ),
            models.Index(
                fields=["operation", "id"],
                condition=Q(state__in=[ItemState.APPROVED, ItemState.FAILED_RETRYABLE]),
                name="item_to_dispatch",
            ),
            models.Index(fields=["id"], condition=Q(state=ItemState.CLAIMED_DONE), name="item_to_verify"),
            models.Index(fields=["person"], condition=Q(state=ItemState.BLOCKED_SOD), name="item_blocked"),
            models.Index(
                fields=["id"],
                condition=Q(state=ItemState.FAILED_FINAL, failure__in=WAITING_FAILURES),
                name="item_waits_for_room",
            ),
            # How a request stands is looked up state by state.
            models.Index(fields=["request", "state"], name="item_request_state"),
            # IT's queue and its failures, in the order in which they are shown.
            models.Index(
                F("operation").desc(nulls_last=True),
                Coalesce("due_at", Value(NEVER)),
                "id",
                condition=Q(state__in=STATES_WITH_IT),
                name="item_with_it",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.entitlement_id} for {self.person_id}"


class Decision(models.Model):
    """What somebody decided about an item at a stage. Append-only.

    A trigger copies requester, subject and the deciders' persons from their tables, whatever was given, so that the
    checks hold: nobody decides for themselves, directly or through a stand-in. `decided_by` None: approved by `policy`.
    """

    item = models.ForeignKey(RequestItem, on_delete=models.PROTECT, related_name="decisions")
    rule = models.ForeignKey(ApprovalRule, on_delete=models.PROTECT, null=True, related_name="+")
    stage = models.PositiveSmallIntegerField()
    round = models.PositiveSmallIntegerField(default=1)
    verdict = models.CharField(max_length=10, choices=Verdict)
    decided_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    principal = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    policy = models.CharField(max_length=40, blank=True, default="")
    comment = models.CharField(max_length=500, blank=True, default="")
    decided_at = models.DateTimeField(default=timezone.now)
    requester = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    requester_principal = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    subject_person = models.ForeignKey("partners.Person", on_delete=models.PROTECT, related_name="+")
    decider_person = models.ForeignKey("partners.Person", on_delete=models.PROTECT, null=True, related_name="+")
    principal_person = models.ForeignKey("partners.Person", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=False, policy="") | (Q(decided_by=None, principal=None) & ~Q(policy="")),
                name="decision_by_person_or_policy",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(requester=None) | ~Q(decided_by=F("requester")),
                name="decision_not_by_requester",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(requester_principal=None) | ~Q(decided_by=F("requester_principal")),
                name="decision_not_by_requester_principal",
            ),
            models.CheckConstraint(
                condition=Q(principal=None) | Q(requester=None) | ~Q(principal=F("requester")),
                name="decision_not_for_requester",
            ),
            models.CheckConstraint(
                condition=Q(principal=None) | Q(requester_principal=None) | ~Q(principal=F("requester_principal")),
                name="decision_not_for_requester_principal",
            ),
            models.CheckConstraint(
                condition=Q(decider_person=None) | ~Q(decider_person=F("subject_person")), name="decision_not_own"
            ),
            models.CheckConstraint(
                condition=Q(principal_person=None) | ~Q(principal_person=F("subject_person")),
                name="decision_not_own_principal",
            ),
            # One vote a stage and person stood for; a stand-in votes for whom they stand in for.
            models.UniqueConstraint(
                "item", "round", "stage", Coalesce("principal_id", "decided_by_id"), name="decision_one_vote"
            ),
            # Nor does one person cast two, for themselves and for somebody else, or from two accounts.
            models.UniqueConstraint(fields=["item", "round", "stage", "decided_by"], name="decision_one_hand"),
            models.UniqueConstraint(fields=["item", "round", "stage", "decider_person"], name="decision_one_person"),
        ]
        indexes = [models.Index(fields=["decided_by", "-decided_at"], name="decision_by")]

    def __str__(self) -> str:
        return f"{self.verdict} {self.item_id}/{self.stage}"


class RequestEvent(models.Model):
    """What happened to a request or to one of its items: code and parameters, rendered in the reader's language. Append-only."""

    request = models.ForeignKey(AccessRequest, on_delete=models.PROTECT, related_name="events", db_index=False)
    item = models.ForeignKey(RequestItem, on_delete=models.PROTECT, null=True, related_name="events")
    code = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    actor = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    on_behalf_of = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField(default=timezone.now)
    clock_event_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clock_event_id"], name="request_event_once_per_clock_event")]
        indexes = [models.Index(fields=["request", "at", "id"], name="request_event_at")]

    def __str__(self) -> str:
        return f"{self.code} of {self.request_id}"
