"""Words about the catalogue."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

EVENTS: "Mapping[str, StrOrPromise]" = {}
REFUSALS: "Mapping[str, StrOrPromise]" = {
    "code_taken": _("Another one has this code."),
    "proof_needs_scim": _("Only a system with the SCIM channel can be read back. Choose the lead."),
    "system_email_has_address": _("Say which address takes the tickets."),
    "system_webhook_has_target": _("Choose the webhook."),
    "system_scim_has_url": _("Say at which address the directory is."),
    "system_cost_has_currency": _("Say in which currency, with three letters."),
    "system_checks_paired": _("Write as many lines in Chinese as in English, or none."),
    "entitlement_checks_paired": _("Write as many lines in Chinese as in English, or none."),
    "entitlement_privileged_is_limited": _("Privileged access needs a longest duration."),
    "group_in_use": _("A system or an approval rule uses this group. Choose another one there first."),
    "group_member_once": _("This person is in the group already."),
    "member_unknown": _("Choose somebody from the list."),
    "stage_needed": _("Choose who decides first."),
    "too_many_stages": _("A rule has at most %(most)s stages."),
    "stage_needs_group": _("Choose the group that decides."),
    "rule_in_use": _("A system or an entitlement uses this rule. Choose another one there first."),
    "rule_is_default": _("This rule applies where nothing else is said. It stays."),
    "bundle_one_per_scope": _("There is a bundle for this job role, programme and site already. Change that one."),
    "sod_rule_ordered": _("Choose two different ones."),
    "sod_rule_once": _("There is a rule for these two already."),
    "archive_first": _("This is still offered. Archive it first."),
}
