"""Tables of access: the catalogue, requests, decisions, grants, trouble."""

from .bundles import Bundle, BundleItem, BundleVersion, SodException, SodRule
from .catalogue import ApprovalRule, ApprovalStage, Entitlement, Group, GroupMember, System
from .drafts import RequestDraft
from .exceptions import ExceptionRequest
from .grants import Account, Grant, GrantReason
from .leavers import LeaverReport
from .requests import AccessRequest, Decision, RequestEvent, RequestItem
from .trouble import Incident, TriedCheck, TroubleReport

__all__ = [
    "AccessRequest",
    "Account",
    "ApprovalRule",
    "ApprovalStage",
    "Bundle",
    "BundleItem",
    "BundleVersion",
    "Decision",
    "Entitlement",
    "ExceptionRequest",
    "Grant",
    "GrantReason",
    "Group",
    "GroupMember",
    "Incident",
    "LeaverReport",
    "RequestDraft",
    "RequestEvent",
    "RequestItem",
    "SodException",
    "SodRule",
    "System",
    "TriedCheck",
    "TroubleReport",
]
