"""Services, severity matrices and issue types. Nothing is deleted: it is archived, and can be brought back."""

import re
from collections.abc import Mapping
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from escalations import access, queries
from escalations.choices import Impact, Reason, Severity, Urgency
from escalations.models import IssueType, Service, SeverityCell
from portal.accounts.rules import Actor
from portal.audit import actions as audit

from ._base import Refused, words

_CODE: Final = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)
_LEVELS: Final = 3


def may_configure(actor: Actor) -> Actor:
    """Administrators (and the system) configure everything here. Raises Refused."""
    if not actor.is_system and not actor.can("configure"):
        raise Refused(Reason.NOT_YOUR_ROLE)
    return actor


def may_configure_service(actor: Actor, service: Service) -> Actor:
    """Administrators, and leads of the service. Raises Refused."""
    if actor.is_system:
        return actor
    for standing in actor.standings_for("configure_service"):
        if standing.service_id in (None, service.pk):
            return actor.acting_as(standing)
    raise Refused(Reason.NOT_YOUR_ROLE)


def same_version(version: int, expected: int | None) -> None:
    """Raises Refused if the row is not the one that the change was based on."""
    if expected is not None and version != expected:
        raise Refused(Reason.STALE)


def _named(name: str, name_zh: str) -> dict[str, str]:
    return {"name": words(name, needed=Reason.NAME_NEEDED, limit=120), "name_zh": words(name_zh, limit=120)}


@transaction.atomic
def add_service(*, actor: Actor, code: str, name: str, name_zh: str = "", calendar_id: int | None = None) -> Service:
    """A new service. Raises Refused, also for a code that is taken."""
    acting = may_configure(actor)
    if not _CODE.fullmatch(code):
        raise Refused(Reason.CODE_UNFIT)
    service = Service(code=code, calendar_id=calendar_id, **_named(name, name_zh))
    _save_new(service)
    _trail(acting, "service.added", service, {"code": code, "calendar": calendar_id})
    return service


def _save_new(row: Service | IssueType) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(Reason.CODE_TAKEN) from error


@transaction.atomic
def change_service_settings(
    *,
    actor: Actor,
    service_id: int,
    name: str,
    name_zh: str = "",
    calendar_id: int | None = None,
    gives_cases: bool = False,
    expected_version: int | None = None,
) -> Service:
    """Name and calendar of a service, and whether it gives its cases by itself. Raises Refused, Http404."""
    service = access.get_service(actor, service_id, for_update=True)
    acting = may_configure_service(actor, service)
    same_version(service.version, expected_version)
    for column, value in _named(name, name_zh).items():
        setattr(service, column, value)
    service.calendar_id, service.gives_cases = calendar_id, gives_cases
    service.version += 1
    service.save(update_fields=["name", "name_zh", "calendar_id", "gives_cases", "version"])
    _trail(acting, "service.changed", service, {"calendar": calendar_id, "gives_cases": gives_cases})
    return service


@transaction.atomic
def archive_service(
    *, actor: Actor, service_id: int, archived: bool = True, expected_version: int | None = None
) -> Service:
    """Take no new cases, or take them again; the cases it has stay. Raises Refused, Http404."""
    service = access.get_service(actor, service_id, for_update=True)
    acting = may_configure(actor)
    same_version(service.version, expected_version)
    _archive(service, archived=archived)
    _trail(acting, "service.archived" if archived else "service.restored", service)
    return service


def _archive(row: Service | IssueType, *, archived: bool) -> None:
    row.archived_at = timezone.now() if archived else None
    row.version += 1
    row.save(update_fields=["archived_at", "version"])


@transaction.atomic
def set_matrix(
    *,
    actor: Actor,
    service_id: int,
    cells: Mapping[tuple[str, str], int],
    expected_version: int | None = None,
) -> Service:
    """The service's severity matrix: (impact, urgency) to severity. Cases judged before keep theirs. Raises Refused, Http404."""
    service = access.get_service(actor, service_id, for_update=True)
    acting = may_configure_service(actor, service)
    same_version(service.version, expected_version)
    for (impact, urgency), severity in cells.items():
        if impact not in Impact.values or urgency not in Urgency.values or severity not in Severity.values:
            raise Refused(Reason.UNKNOWN_VALUE)
    before = queries.matrix_of(service.pk)
    rows = [SeverityCell(service=service, impact=i, urgency=u, severity=s) for (i, u), s in cells.items()]
    SeverityCell.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["service", "impact", "urgency"], update_fields=["severity"]
    )
    service.version += 1
    service.save(update_fields=["version"])
    changed = {f"{i}/{u}": s for (i, u), s in cells.items() if before.get((i, u)) != s}
    _trail(acting, "service.matrix_changed", service, changed)
    return service


@transaction.atomic
def add_issue_type(*, actor: Actor, code: str, name: str, name_zh: str = "", parent_id: int | None = None) -> IssueType:
    """A new issue type, on the top level or below another one. Raises Refused, Http404."""
    acting = may_configure(actor)
    parent = access.get_issue_type(actor, parent_id, for_update=True) if parent_id is not None else None
    level = parent.level + 1 if parent else 1
    if level > _LEVELS or (parent and parent.archived_at):
        raise Refused(Reason.UNKNOWN_ISSUE)
    issue = IssueType(
        parent=parent, level=level, code=words(code, needed=Reason.CODE_UNFIT, limit=80), **_named(name, name_zh)
    )
    _save_new(issue)
    _trail(acting, "issue_type.added", issue, {"code": issue.code, "parent": parent_id})
    return issue


@transaction.atomic
def rename_issue_type(
    *, actor: Actor, issue_type_id: int, name: str, name_zh: str = "", expected_version: int | None = None
) -> IssueType:
    """Another name; the code stays. Raises Refused, Http404."""
    acting = may_configure(actor)
    issue = access.get_issue_type(actor, issue_type_id, for_update=True)
    same_version(issue.version, expected_version)
    for column, value in _named(name, name_zh).items():
        setattr(issue, column, value)
    issue.version += 1
    issue.save(update_fields=["name", "name_zh", "version"])
    _trail(acting, "issue_type.renamed", issue)
    return issue


@transaction.atomic
def archive_issue_type(
    *, actor: Actor, issue_type_id: int, archived: bool = True, expected_version: int | None = None
) -> IssueType:
    """Offer it no more, or again; cases keep it. Raises Refused, Http404."""
    acting = may_configure(actor)
    issue = access.get_issue_type(actor, issue_type_id, for_update=True)
    same_version(issue.version, expected_version)
    _archive(issue, archived=archived)
    _trail(acting, "issue_type.archived" if archived else "issue_type.restored", issue)
    return issue


def _trail(actor: Actor, verb: str, row: Service | IssueType, changes: Mapping[str, object] | None = None) -> None:
    subject = "service" if isinstance(row, Service) else "issue_type"
    audit.record(actor=actor, verb=verb, subject_type=subject, subject_id=row.pk, changes=changes)
