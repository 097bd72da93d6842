"""Forms of the catalogue."""

from .base import ArchiveForm, CatalogueForm, NameFilter
from .bundles import BundleForm, NewBundleForm, VersionForm
from .groups import GroupForm, MemberForm, NewGroupForm
from .rules import NewRuleForm, NewSodRuleForm, RuleForm, SodRuleForm
from .systems import EntitlementForm, NewEntitlementForm, NewSystemForm, SystemForm

__all__ = [
    "ArchiveForm",
    "BundleForm",
    "CatalogueForm",
    "EntitlementForm",
    "GroupForm",
    "MemberForm",
    "NameFilter",
    "NewBundleForm",
    "NewEntitlementForm",
    "NewGroupForm",
    "NewRuleForm",
    "NewSodRuleForm",
    "NewSystemForm",
    "RuleForm",
    "SodRuleForm",
    "SystemForm",
    "VersionForm",
]
