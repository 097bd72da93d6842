"""Addresses of the catalogue."""

from django.urls import URLPattern, path

from ..views.catalogue import bundles, groups, rules, systems

urlpatterns: list[URLPattern] = [
    path("config/systems/", systems.systems, name="systems"),
    path("config/systems/new/", systems.system_new, name="system_new"),
    path("config/systems/<slug:code>/", systems.system, name="system"),
    path("config/systems/<slug:code>/change/", systems.system_change, name="system_change"),
    path("config/systems/<slug:code>/archive/", systems.system_archive, name="system_archive"),
    path("config/systems/<slug:code>/revoke/", systems.system_revoke, name="system_revoke"),
    path("config/systems/<slug:code>/entitlements/new/", systems.entitlement_new, name="entitlement_new"),
    path("config/entitlements/<int:pk>/", systems.entitlement, name="entitlement"),
    path("config/entitlements/<int:pk>/change/", systems.entitlement_change, name="entitlement_change"),
    path("config/entitlements/<int:pk>/archive/", systems.entitlement_archive, name="entitlement_archive"),
    path("config/entitlements/<int:pk>/revoke/", systems.entitlement_revoke, name="entitlement_revoke"),
    path("config/groups/", groups.groups, name="groups"),
    path("config/groups/new/", groups.group_new, name="group_new"),
    path("config/groups/<slug:code>/", groups.group, name="group"),
    path("config/groups/<slug:code>/change/", groups.group_change, name="group_change"),
    path("config/groups/<slug:code>/archive/", groups.group_archive, name="group_archive"),
    path("config/groups/<slug:code>/members/", groups.member_add, name="member_add"),
    path("config/groups/<slug:code>/members/<int:member_id>/end/", groups.member_end, name="member_end"),
    path("config/approval-rules/", rules.approval_rules, name="approval_rules"),
    path("config/approval-rules/new/", rules.approval_rule_new, name="approval_rule_new"),
    path("config/approval-rules/<slug:code>/", rules.approval_rule, name="approval_rule"),
    path("config/approval-rules/<slug:code>/change/", rules.approval_rule_change, name="approval_rule_change"),
    path("config/approval-rules/<slug:code>/archive/", rules.approval_rule_archive, name="approval_rule_archive"),
    path("config/bundles/", bundles.bundles, name="bundles"),
    path("config/bundles/new/", bundles.bundle_new, name="bundle_new"),
    path("config/bundles/<slug:code>/", bundles.bundle, name="bundle"),
    path("config/bundles/<slug:code>/change/", bundles.bundle_change, name="bundle_change"),
    path("config/bundles/<slug:code>/version/", bundles.bundle_version, name="bundle_version"),
    path("config/bundles/<slug:code>/archive/", bundles.bundle_archive, name="bundle_archive"),
    path("config/conflicts/", rules.sod_rules, name="sod_rules"),
    path("config/conflicts/new/", rules.sod_rule_new, name="sod_rule_new"),
    path("config/conflicts/<slug:code>/", rules.sod_rule, name="sod_rule"),
    path("config/conflicts/<slug:code>/change/", rules.sod_rule_change, name="sod_rule_change"),
    path("config/conflicts/<slug:code>/archive/", rules.sod_rule_archive, name="sod_rule_archive"),
    path("config/exceptions/", rules.sod_exceptions, name="sod_exceptions"),
]
