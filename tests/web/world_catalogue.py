"""One of everything in the catalogue of access."""

from typing import Any

from portal.accounts.models import User
from tests.factories.access import (
    ApprovalRuleFactory,
    ApprovalStageFactory,
    EntitlementFactory,
    GroupMemberFactory,
    SodRuleFactory,
    SystemFactory,
    bundle_of,
)


def catalogue_args(it: User) -> dict[str, dict[str, Any]]:
    """What addresses of the catalogue need; the system is worked by the group that IT is in."""
    system = SystemFactory()
    one = EntitlementFactory(system=system)
    member = GroupMemberFactory(group=system.group, user=it)
    rule = ApprovalRuleFactory()
    ApprovalStageFactory(rule=rule)
    return {
        "cat_system": {"code": system.code},
        "cat_entitlement": {"pk": one.pk},
        "cat_group": {"code": system.group.code},
        "cat_member": {"code": system.group.code, "member_id": member.pk},
        "cat_rule": {"code": rule.code},
        "cat_bundle": {"code": bundle_of(one).code},
        "cat_sod": {"code": SodRuleFactory(left=one).code},
    }
