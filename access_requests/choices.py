"""Enumerations of access: systems, requests, items, approvals, grants."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Channel(TextChoices):
    """How a system takes changes."""

    MANUAL = "manual", _("IT works by hand")
    EMAIL = "email", _("E-mail to a ticket address")
    WEBHOOK = "webhook", _("Signed webhook")
    SCIM = "scim", _("SCIM 2.0")


class DataClass(TextChoices):
    """How sensitive the data of a system is."""

    PUBLIC = "public", _("Public")
    INTERNAL = "internal", _("Internal")
    CONFIDENTIAL = "confidential", _("Confidential")
    RESTRICTED = "restricted", _("Restricted")


class Proof(TextChoices):
    """What turns "IT says done" into verified."""

    READ_BACK = "read_back", _("Read back from the system")
    LEAD = "lead", _("Confirmed by the lead")
    # Written by imports of account lists.
    EXPORT = "export", _("Seen in an account export")


class StageKind(TextChoices):
    """Who decides at a stage of an approval."""

    GROUP_ANY = "group_any", _("Anyone of a group")
    GROUP_ALL = "group_all", _("Everyone of a group")
    SITE_MANAGER = "site_manager", _("Manager of the site")
    SYSTEM_OWNER = "system_owner", _("Owner of the system")


class RequestKind(TextChoices):
    """Why access changes."""

    JOINER = "joiner", _("Joiner")
    MOVER = "mover", _("Mover")
    LEAVER = "leaver", _("Leaver")
    AD_HOC = "ad_hoc", _("Ad hoc")
    TROUBLESHOOTING = "troubleshooting", _("Troubleshooting")


class Origin(TextChoices):
    """Which door a request came through."""

    PERSON = "person", _("By hand")
    ROSTER = "roster", _("Roster")
    BUNDLE = "bundle", _("New version of a bundle")
    EXPIRY = "expiry", _("A reason ended")
    DIRECTORY = "directory", _("Change in the directory")
    SWEEP = "sweep", _("Held without a reason")


class Operation(TextChoices):
    """What an item does."""

    GRANT = "grant", _("Grant")
    REVOKE = "revoke", _("Revoke")


class ItemState(TextChoices):
    """Where an item stands."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    BLOCKED_SOD = "blocked_sod", _("Blocked by a conflict")
    AWAITING_APPROVAL = "awaiting_approval", _("Awaiting approval")
    APPROVED = "approved", _("Approved")
    QUEUED = "queued", _("Queued")
    SENT = "sent", _("With IT")
    CLAIMED_DONE = "claimed_done", _("Done, says IT")
    VERIFIED = "verified", _("Verified")
    REJECTED = "rejected", _("Rejected")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")
    FAILED_RETRYABLE = "failed_retryable", _("Failed, will be tried again")
    FAILED_FINAL = "failed_final", _("Failed")
    SUPERSEDED = "superseded", _("Superseded")


FINAL_STATES: Final = (
    ItemState.VERIFIED,
    ItemState.REJECTED,
    ItemState.CANCELLED,
    ItemState.EXPIRED,
    ItemState.SUPERSEDED,
)
# The states in which an item is still to be dealt with.
OPEN_STATES: Final = tuple(state for state in ItemState if state not in FINAL_STATES)
# On its way: drafts are nobody's business yet.
ITEM_STATES_UNDER_WAY: Final = tuple(state for state in OPEN_STATES if state != ItemState.DRAFT)
# The system may know of it.
DISPATCHED_STATES: Final = (
    ItemState.SENT,
    ItemState.CLAIMED_DONE,
    ItemState.FAILED_RETRYABLE,
    ItemState.FAILED_FINAL,
)


# Why a grant failed that goes on by itself when there is room for it.
NO_SEAT: Final = "no_seat"
REMOVAL_FIRST: Final = "removal_first"
WAITING_FAILURES: Final = (NO_SEAT, REMOVAL_FIRST)


class RequestState(TextChoices):
    """Where a request stands; derived from its items."""

    DRAFT = "draft", _("Draft")
    AWAITING_APPROVAL = "awaiting_approval", _("Awaiting approval")
    IN_PROGRESS = "in_progress", _("In progress")
    ATTENTION = "attention", _("Needs attention")
    DONE = "done", _("Done")
    PARTLY_DONE = "partly_done", _("Partly done")
    CLOSED = "closed", _("Closed without effect")


OPEN_REQUEST_STATES: Final = (
    RequestState.DRAFT,
    RequestState.AWAITING_APPROVAL,
    RequestState.IN_PROGRESS,
    RequestState.ATTENTION,
)


class Verdict(TextChoices):
    """What somebody decided."""

    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")


class ReasonKind(TextChoices):
    """Why a person holds an entitlement."""

    BUNDLE = "bundle", _("Bundle of the job")
    REQUEST = "request", _("Request")
    EXCEPTION = "exception", _("Exception")


class Symptom(TextChoices):
    """What does not work."""

    PASSWORD = "password", _("Password or sign-in")
    VPN = "vpn", _("VPN or network")
    HEADSET = "headset", _("Headset or telephone")
    TOOL_DOWN = "tool_down", _("Tool is down")
    OTHER = "other", _("Something else")


class TroubleState(TextChoices):
    """Where a report of trouble stands."""

    OPEN = "open", pgettext_lazy("state", "Open")
    WORKING = "working", _("Being worked on")
    SOLVED = "solved", _("Solved")
    CANCELLED = "cancelled", _("Cancelled")


class Metric(TextChoices):
    """The clocks of an item: three promises that are easily confused."""

    APPROVAL = "approval", _("Approval")
    FULFILMENT = "fulfilment", _("Fulfilment")


class GrantMetric(TextChoices):
    """The clock of a grant."""

    DURATION = "duration", _("Duration of access")
