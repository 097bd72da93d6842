"""Fetch and authorise in one call: the only way to a case. What is out of sight raises Http404."""

from datetime import datetime
from typing import Final

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils import timezone

from escalations import queries, rules
from escalations.models import (
    Case,
    CaseGrant,
    CaseSubscription,
    ChannelEndpoint,
    ChannelMessage,
    Consult,
    Handover,
    IssueType,
    Macro,
    Playbook,
    PlaybookVersion,
    ReplyTemplate,
    Service,
    TimelineEntry,
)
from escalations.queries import channels
from portal.accounts.rules import Actor

# As views and actions know it.
case_id: Final = rules.case_number


def get_case(actor: Actor, ref: str | int, *, for_update: bool = False) -> Case:
    """A case that the actor may see, with service, site, owner and issue type; locked if asked. Raises Http404."""
    scope = queries.scope_of(actor)
    rows = queries.visible_to(actor, scope=scope)
    # Under the lock it is asked again.
    return _one_case(actor, rows if for_update else queries.with_let_in(rows, actor, scope), ref, for_update)


def get_hidden_case(ref: str | int, *, for_update: bool = False) -> Case:
    """Any case, for those few acts that do not need to see it (grants, break-glass); the rule decides. Raises Http404."""
    rows = Case.objects.all()
    return _fetch(rows, ref, for_update)


def _one_case(actor: Actor, rows: "queries.Cases", ref: str | int, for_update: bool) -> Case:
    case = _fetch(rows, ref, for_update)
    # Read again under the lock: a grant may have ended meanwhile.
    if for_update and not rules.can_see(actor, queries.facts_of(actor, case)).ok:
        raise Http404
    return case


def _fetch(rows: "queries.Cases", ref: str | int, for_update: bool) -> Case:
    pk = case_id(ref)
    if pk and for_update:
        # Locked alone and then read: what stands beside a case, PostgreSQL does not read again for a row it waited for.
        locked = rows.filter(pk=pk).order_by().select_for_update(no_key=True)
        pk = locked.values_list("pk", flat=True).first()
    case = queries.with_names(queries.with_taken_in(rows)).filter(pk=pk).first() if pk else None
    if case is None:
        raise Http404
    return case


def get_entry(actor: Actor, case: Case, entry_id: int) -> TimelineEntry:
    """An entry of the case itself, not of one merged into it, that the actor may see. Raises Http404."""
    entry = queries.entries_visible_to(actor, case).filter(case=case, pk=entry_id).first()
    if entry is None:
        raise Http404
    return entry


def get_shown_entry(actor: Actor, case: Case, entry_id: int) -> TimelineEntry:
    """An entry of the case's stream, wherever it was written, that the actor may see. Raises Http404."""
    entry = queries.entries_visible_to(actor, case).filter(pk=entry_id).first()
    if entry is None:
        raise Http404
    return entry


def get_grant(actor: Actor, grant_id: int, *, for_update: bool = False) -> CaseGrant:
    """A grant or break-glass of a case whose service the actor leads. Raises Http404."""
    rows = queries.grants_led_by(actor)
    if for_update:
        rows = rows.select_for_update(of=("self",), no_key=True)
    grant = rows.select_related("case__site", "case__service", "user").filter(pk=grant_id).first()
    if grant is None:
        raise Http404
    return grant


def get_handover(actor: Actor, pk: int) -> Handover:
    """A hand-over of a case of which the actor sees what is internal, with its words and people. Raises Http404."""
    rows = Handover.objects.select_related("case", "entry__body", "given_by", "to_user", "to_service", "settled_by")
    found = rows.filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise Http404
    get_case_inside(actor, found.case_id)
    return found


def get_consult(actor: Actor, pk: int) -> Consult:
    """A question about a case of which the actor sees what is internal, with its words and people. Raises Http404."""
    rows = Consult.objects.select_related("case", "question__body", "answer__body", "asked_by", "to_user")
    found = rows.filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise Http404
    get_case_inside(actor, found.case_id)
    return found


def get_case_inside(actor: Actor, ref: str | int) -> Case:
    """The case, for those who see what is internal to the company. Raises Http404."""
    case = get_case(actor, ref)
    if not rules.can_see_internal(actor, queries.facts_of(actor, case)).ok:
        raise Http404
    return case


def get_service(actor: Actor, code: str | int, *, for_update: bool = False) -> Service:
    """A service by code or id, archived ones included. Raises Http404."""
    rows = queries.services_visible_to(actor)
    if for_update:
        rows = rows.select_for_update(no_key=True)
    key = {"pk": code} if isinstance(code, int) else {"code": code}
    service = rows.filter(**key).first() if "\x00" not in str(code) else None
    if service is None:
        raise Http404
    return service


def get_template(actor: Actor, pk: int, *, for_update: bool = False) -> ReplyTemplate:
    """A reply template that the actor may look at, archived ones included. Raises Http404."""
    rows = queries.templates_shown_to(actor)
    if for_update:
        rows = rows.select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def get_macro(actor: Actor, pk: int, *, for_update: bool = False) -> Macro:
    """A macro that the actor may look at, archived ones included. Raises Http404."""
    rows = queries.macros_shown_to(actor)
    if for_update:
        rows = rows.select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def get_issue_type(actor: Actor, pk: int, *, for_update: bool = False) -> IssueType:
    """An issue type, archived ones included. Raises Http404."""
    rows = IssueType.objects.select_related("parent__parent")
    if for_update:
        rows = rows.select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=pk).first() if not actor.is_anonymous else None
    if found is None:
        raise Http404
    return found


def permit(verdict: rules.Verdict) -> None:
    """Raises PermissionDenied (the 403 page) for a visible row on which the actor may not do this."""
    if not verdict.ok:
        raise PermissionDenied(verdict.code if isinstance(verdict, rules.Denied) else "")


def rights_of(actor: Actor, case: Case, at: datetime | None = None) -> "queries.CaseRights":
    """Everything the actor may do on a case now, for buttons and menus."""
    return queries.case_rights(actor, case, at or timezone.now())


def rights_while_open(actor: Actor, case: Case) -> "queries.CaseRights":
    """Everything the actor might do on the case while it is open, to tell who came too late from who never may."""
    return queries.rights_while_open(actor, case, timezone.now())


def get_playbook(actor: Actor, pk: int, *, for_update: bool = False) -> Playbook:
    """A playbook, archived or not, for those who see what is internal to the company. Raises Http404."""
    rows = Playbook.objects.select_related("service", "issue_type__parent__parent")
    if for_update:
        rows = rows.select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=pk).first() if actor.is_system or actor.can("see_internal") else None
    if found is None:
        raise Http404
    return found


def permit_playbooks_of(actor: Actor, service_id: int | None) -> Actor:
    """The actor as who they make playbooks of a service (None: of all): administrators, and leads of the service.
    Raises PermissionDenied."""
    if actor.is_system:
        return actor
    for standing in actor.standings_for("configure_service"):
        if standing.service_id in (None, service_id):
            return actor.acting_as(standing)
    raise PermissionDenied


def playbook_to_change(actor: Actor, pk: int) -> tuple[Playbook, Actor]:
    """A playbook, locked, and the actor as who they change it. Raises Http404, PermissionDenied."""
    found = get_playbook(actor, pk, for_update=True)
    return found, permit_playbooks_of(actor, found.service_id)


def draft_of(playbook: Playbook) -> PlaybookVersion:
    """The version that is edited. Raises Http404 when there is none."""
    found = playbook.versions.filter(published_at=None).first()
    if found is None:
        raise Http404
    return found


def permit_channels(actor: Actor) -> None:
    """Who keeps the systems that write to us and hear of cases: administrators. Raises Http404."""
    if not actor.can("configure"):
        raise Http404


def get_endpoint(actor: Actor, pk: int, *, for_update: bool = False) -> ChannelEndpoint:
    """An endpoint of a channel, for whoever keeps them. Raises Http404."""
    rows = channels.endpoints(actor)
    return _of(rows.select_for_update(of=("self",)) if for_update else rows, pk)


def get_channel_trouble(actor: Actor, pk: int, *, for_update: bool = False) -> ChannelMessage:
    """A message that became nothing, for whoever handles failures. Raises Http404."""
    rows = channels.channel_trouble(actor)
    return _of(rows.select_for_update(of=("self",)) if for_update else rows, pk)


def get_subscription(actor: Actor, pk: int, *, for_update: bool = False) -> CaseSubscription:
    """A subscription to events of cases, for whoever keeps them. Raises Http404."""
    rows = channels.subscriptions(actor)
    return _of(rows.select_for_update(of=("self",)) if for_update else rows, pk)


def _of[M: Model](rows: QuerySet[M], pk: int) -> M:
    found = rows.filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise Http404
    return found
