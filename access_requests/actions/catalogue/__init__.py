"""The catalogue is kept: systems, entitlements, groups, approval rules, bundles, conflicts. Nothing is deleted."""

from .approval import RuleValues, StageValues, add_rule, archive_rule, change_rule
from .bundles import BundleValues, add_bundle, archive_bundle, change_bundle, save_version
from .conflicts import SodValues, add_sod_rule, archive_sod_rule, change_sod_rule
from .groups import GroupValues, add_group, add_member, archive_group, change_group, end_member
from .removals import revoke_archived
from .systems import (
    Checks,
    EntitlementValues,
    SystemValues,
    add_entitlement,
    add_system,
    archive_entitlement,
    archive_system,
    change_entitlement,
    change_system,
)

__all__ = [
    "BundleValues",
    "Checks",
    "EntitlementValues",
    "GroupValues",
    "RuleValues",
    "SodValues",
    "StageValues",
    "SystemValues",
    "add_bundle",
    "add_entitlement",
    "add_group",
    "add_member",
    "add_rule",
    "add_sod_rule",
    "add_system",
    "archive_bundle",
    "archive_entitlement",
    "archive_group",
    "archive_rule",
    "archive_sod_rule",
    "archive_system",
    "change_bundle",
    "change_entitlement",
    "change_group",
    "change_rule",
    "change_sod_rule",
    "change_system",
    "end_member",
    "revoke_archived",
    "save_version",
]
