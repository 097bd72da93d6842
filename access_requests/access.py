"""Fetch and authorise in one call: the only way to a single row. Rows out of sight raise Http404."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404

from portal.accounts.rules import Actor

from . import queries, rules
from .models import (
    AccessRequest,
    ApprovalRule,
    Bundle,
    Entitlement,
    ExceptionRequest,
    Group,
    RequestDraft,
    RequestItem,
    SodRule,
    System,
)
from .queries import catalogue


def one[M: Model](rows: QuerySet[M], for_update: bool, **key: object) -> M:
    """The row of this key, locked if asked. Raises Http404."""
    if for_update:
        rows = rows.select_for_update(of=("self",), no_key=True)
    row = rows.filter(**key).first()
    if row is None:
        raise Http404
    return row


def get_request(actor: Actor, ref: str | int, *, for_update: bool = False) -> AccessRequest:
    """A request by reference, with its site. Raises Http404."""
    pk = rules.request_number(ref)
    if pk is None:
        raise Http404
    return one(queries.visible_to(actor).select_related("site"), for_update, pk=pk)


def get_item(actor: Actor, pk: int, *, for_update: bool = False) -> RequestItem:
    """An item with its request, locked before it if asked: the order is everywhere request, then item. Raises Http404."""
    rows = queries.items_visible_to(actor).select_related("request__site", "entitlement__system")
    item = one(rows, False, pk=pk)
    if for_update:
        one(AccessRequest.objects.all(), True, pk=item.request_id)
        item = one(rows, True, pk=pk)
    return item


def get_exception(actor: Actor, pk: int, *, for_update: bool = False) -> ExceptionRequest:
    """An exception that was asked for, with its item, rule and person. Raises Http404."""
    rows = queries.exceptions_visible_to(actor).select_related(
        "item__request__site", "item__entitlement__system", "rule__left__system", "rule__right__system", "person",
        "requested_by",
    )  # fmt: skip
    return one(rows, for_update, pk=pk)


def get_system(actor: Actor, code: str, *, for_update: bool = False) -> System:
    """A system by code. Raises Http404."""
    return one(catalogue.systems_visible_to(actor).select_related("owner", "group", "rule"), for_update, code=code)


def get_entitlement(actor: Actor, pk: int, *, for_update: bool = False) -> Entitlement:
    """An entitlement with its system. Raises Http404."""
    return one(catalogue.entitlements_visible_to(actor).select_related("system", "rule"), for_update, pk=pk)


def get_group(actor: Actor, code: str, *, for_update: bool = False) -> Group:
    """A group by code. Raises Http404."""
    return one(catalogue.groups_visible_to(actor), for_update, code=code)


def get_approval_rule(actor: Actor, code: str, *, for_update: bool = False) -> ApprovalRule:
    """An approval rule by code. Raises Http404."""
    return one(catalogue.approval_rules_visible_to(actor), for_update, code=code)


def get_bundle(actor: Actor, code: str, *, for_update: bool = False) -> Bundle:
    """A bundle by code, with its job role and site. Raises Http404."""
    rows = catalogue.bundles_visible_to(actor).select_related("job_role", "site", "current")
    return one(rows, for_update, code=code)


def get_sod_rule(actor: Actor, code: str, *, for_update: bool = False) -> SodRule:
    """A conflict rule by code, with its sides. Raises Http404."""
    rows = catalogue.sod_rules_visible_to(actor).select_related("left__system", "right__system")
    return one(rows, for_update, code=code)


def get_draft(actor: Actor, pk: UUID, *, for_update: bool = False, sent: bool = False) -> RequestDraft:
    """A request that the actor is putting together, with its site; of those sent only if asked. Raises Http404."""
    rows = RequestDraft.objects.filter(owner_id=actor.user_id or 0).select_related("site__partner")
    return one(rows if sent else rows.filter(request=None), for_update, pk=pk)


def permit(allowed: Actor | None) -> Actor:
    """The actor as who they act. Raises PermissionDenied (the 403 page) for a visible row they may not change."""
    if allowed is None:
        raise PermissionDenied
    return allowed
