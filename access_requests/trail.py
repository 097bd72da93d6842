"""What the audit trail says of access: words for its codes, names for its objects."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from partners.choices import Language
from portal.audit.registry import (
    Named,
    register_alias,
    register_field,
    register_subject,
    register_verbs,
)
from sla.queries.spans import business_text

from .choices import Channel, DataClass, ItemState, Proof, RequestKind, StageKind, Symptom, TroubleState
from .models import (
    ApprovalRule,
    Bundle,
    Entitlement,
    ExceptionRequest,
    Group,
    RequestItem,
    SodException,
    SodRule,
    System,
)

_YES_NO = (("True", _("yes")), ("False", _("no")))
_CHANGED = (("True", _("changed")),)
ITEM_VERBS = {
    "access_item.submit": _("Sent an item of access"),
    "access_item.block": _("Blocked an item of access by a conflict"),
    "access_item.ask": _("Asked for approval of access"),
    "access_item.approve": _("Approved access"),
    "access_item.reject": _("Rejected access"),
    "access_item.expire": _("Let an item of access expire undecided"),
    "access_item.cancel": _("Took an item of access back"),
    "access_item.supersede": _("Superseded an item of access by a removal"),
    "access_item.queue": _("Put an item of access in line"),
    "access_item.send": _("Handed an item of access to IT"),
    "access_item.claim": _("Said that an item of access is done"),
    "access_item.verify": _("Confirmed an item of access"),
    "access_item.dispute": _("Disputed an item of access"),
    "access_item.fail": _("Failed an item of access, to be tried again"),
    "access_item.give_up": _("Failed an item of access"),
    "access_item.nudge": _("Reminded somebody of an item of access"),
}
REQUEST_VERBS = {
    "access_request.created": _("Asked for access"),
    "exception_request.asked": _("Asked for an exception from a conflict rule"),
    "exception_request.approved": _("Granted an exception from a conflict rule"),
    "exception_request.rejected": _("Refused an exception from a conflict rule"),
    "sod_exception.ended": _("Ended an exception from a conflict rule"),
    "access_trouble.reported": _("Reported trouble with access"),
    "access_trouble.take": _("Took on trouble with access"),
    "access_trouble.solve": _("Solved trouble with access"),
    "access_trouble.cancel": _("Took a report of trouble back"),
    "access_incident.opened": _("Made an incident of reports alike"),
    "access_incident.closed": _("Closed an incident"),
    "access_certificate.exported": _("Exported a certificate of access"),
    "person.left_with_nothing": _("Reported as leaving, held nothing"),
    "person.access_adopted": _("Took over what somebody held before the portal"),
    "access_matrix.exported": _("Exported the access matrix"),
}
CATALOGUE_VERBS = {
    "system.added": _("Added a system"),
    "system.changed": _("Changed a system"),
    "system.archived": _("Archived a system"),
    "system.restored": _("Restored a system"),
    "entitlement.added": _("Added an entitlement"),
    "entitlement.changed": _("Changed an entitlement"),
    "entitlement.archived": _("Archived an entitlement"),
    "entitlement.restored": _("Restored an entitlement"),
    "access_group.added": _("Added a group"),
    "access_group.changed": _("Changed a group"),
    "access_group.archived": _("Archived a group"),
    "access_group.restored": _("Restored a group"),
    "access_group.member_added": _("Added somebody to a group"),
    "access_group.member_ended": _("Took somebody out of a group"),
    "approval_rule.added": _("Added an approval rule"),
    "approval_rule.changed": _("Changed an approval rule"),
    "approval_rule.archived": _("Archived an approval rule"),
    "approval_rule.restored": _("Restored an approval rule"),
    "approval_rule.replaced": _("Replaced an approval rule"),
    "approval_rule.stages_changed": _("Gave an approval rule other stages"),
    "bundle.added": _("Added a bundle"),
    "bundle.changed": _("Changed a bundle"),
    "bundle.archived": _("Archived a bundle"),
    "bundle.restored": _("Restored a bundle"),
    "bundle.version_made": _("Made a new version of a bundle"),
    "sod_rule.added": _("Added a conflict rule"),
    "sod_rule.changed": _("Changed a conflict rule"),
    "sod_rule.archived": _("Archived a conflict rule"),
    "sod_rule.restored": _("Restored a conflict rule"),
}


def register() -> None:
    """Make the words known."""
    register_verbs({**ITEM_VERBS, **REQUEST_VERBS, **CATALOGUE_VERBS})
    _register_subjects()
    _register_fields()
    _register_aliases()


def _register_subjects() -> None:
    register_subject("access_request", _("Access request"), lambda ids: {pk: Named(f"AR-{pk}") for pk in ids})
    register_subject("access_item", _("Item of access"), _items)
    register_subject("access_incident", _("Incident"), lambda ids: {pk: Named(f"IN-{pk}") for pk in ids})
    register_subject("exception_request", _("Exception asked for"), _exceptions(ExceptionRequest))
    register_subject("sod_exception", _("Exception"), _exceptions(SodException))
    register_subject("system", _("System"), _labels(System, "system", "code"))
    register_subject("entitlement", _("Entitlement"), _labels(Entitlement, "entitlement", "pk"))
    register_subject("access_group", _("Group"), _labels(Group, "group", "code"))
    register_subject("approval_rule", _("Approval rule"), _labels(ApprovalRule, "approval_rule", "code"))
    register_subject("bundle", _("Bundle"), _labels(Bundle, "bundle", "code"))
    register_subject("sod_rule", _("Conflict rule"), _labels(SodRule, "sod_rule", "code"))


def _register_fields() -> None:
    register_field("access_kind", _("Kind"), RequestKind.choices)
    register_field("items", _("Items"))
    register_field("access_state", _("State"), [*ItemState.choices, *TroubleState.choices])
    register_field("symptom", _("What does not work"), Symptom.choices)
    register_field("reports", _("Reports"))
    register_field("owner_id", _("Owner"), subject="user")
    register_field("group_id", _("IT group"), subject="access_group")
    register_field("rule_id", _("Approval rule"), subject="approval_rule")
    register_field("by", _("By"), subject="approval_rule")
    register_field("system_channel", _("Channel"), Channel.choices)
    register_field("data_class", _("Data class"), DataClass.choices)
    register_field("proof", _("Verified by"), Proof.choices)
    register_field("seat_limit", _("Seats"))
    register_field("seat_cost", _("Cost per seat and month"))
    register_field("currency", _("Currency"))
    register_field("lead_minutes", _("Usual time"), number=business_text)
    register_field("ticket_language", _("Language of letters"), Language.choices)
    register_field("system_id", _("System"), subject="system")
    register_field("webhook_target_id", _("Webhook"), subject="webhook_target")
    register_field("privileged", _("Privileged"), _YES_NO)
    register_field("max_days", _("Longest duration in days"))
    register_field("programme_code", _("Programme"))
    register_field("birthright", _("Approved by policy"), _YES_NO)
    register_field("left_id", _("Nobody who holds"), subject="entitlement")
    register_field("right_id", _("may also hold"), subject="entitlement")
    register_field("sod_rule_id", _("Conflict rule"), subject="sod_rule")
    register_field("number", _("Version"))
    register_field("came", _("Added"))
    register_field("went", _("Removed"))
    register_field("stages", _("Stages"), StageKind.choices)
    register_field("format", _("Format"))
    for key, label in {
        "ticket_address": _("Ticket address"), "scim_url": _("SCIM address"), "scim_token": _("SCIM token"),
        "external_value": _("Name in the system"), "first_checks": _("First checks"),
        "first_checks_zh": _("First checks in Chinese"),
    }.items():  # fmt: skip
        register_field(key, label, _CHANGED)


def _register_aliases() -> None:
    """Keys that other wings use for something else."""
    for verb in ITEM_VERBS:
        register_alias(verb, "state", "access_state")
    for verb in REQUEST_VERBS:
        register_alias(verb, "state", "access_state")
        register_alias(verb, "kind", "access_kind")
        register_alias(verb, "rule_id", "sod_rule_id")
    for verb in ("system.added", "system.changed"):
        register_alias(verb, "channel", "system_channel")


def _labels(model: type[Model], address: str, key: str) -> Callable[[Sequence[int]], Mapping[int, Named]]:
    rows: Any = model._default_manager

    def names(ids: Sequence[int]) -> Mapping[int, Named]:
        found = rows.filter(pk__in=ids)
        return {row.pk: Named(row.label, reverse(f"access:{address}", args=[getattr(row, key)])) for row in found}

    return names


def _items(ids: Sequence[int]) -> Mapping[int, Named]:
    """An item is named by its request and number: not every reader may know for whom it is."""
    rows = RequestItem.objects.filter(pk__in=ids).values_list("pk", "request_id")
    return {pk: Named(f"AR-{request}/{pk}") for pk, request in rows}


def _exceptions(model: type[ExceptionRequest | SodException]) -> Callable[[Sequence[int]], Mapping[int, Named]]:
    def names(ids: Sequence[int]) -> Mapping[int, Named]:
        rows = model.objects.filter(pk__in=ids).select_related("rule")
        return {row.pk: Named(row.rule.label) for row in rows}

    return names
