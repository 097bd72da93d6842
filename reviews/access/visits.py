"""Checklists and site visits, fetched and authorised. Out of sight: Http404; visible, but not theirs to change: PermissionDenied."""

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404

from portal.accounts.choices import Role
from portal.accounts.rules import Actor

from ..choices import EngagementKind
from ..models import Checklist, ChecklistVersion, Engagement, Visit
from ..queries.scope import engagements_visible_to
from ..rules import standing

EDITORS = (Role.ADMINISTRATOR, Role.COORDINATOR, Role.MANAGER)


def reads_checklists(actor: Actor) -> bool:
    """Checklists are for those of the company who go and look, and for auditors."""
    return actor.is_system or actor.has(*EDITORS, Role.AUDITOR)


def edits_checklists(actor: Actor) -> bool:
    """True for those who write checklists and themes."""
    return actor.is_system or actor.has(*EDITORS)


def author(actor: Actor) -> int:
    """The account that a row names. Raises PermissionDenied for workers: people answer, observe and write checklists."""
    if actor.user_id is None:
        raise PermissionDenied
    return actor.user_id


def permit_reading(actor: Actor) -> None:
    """Raises Http404 for those who do not read checklists."""
    if not reads_checklists(actor):
        raise Http404


def permit_editing(actor: Actor) -> Actor:
    """The actor as who they write checklists."""
    permit_reading(actor)
    if actor.is_system:
        return actor
    held = actor.of(*EDITORS)
    if not held:
        raise PermissionDenied
    return actor.acting_as(held[0])


def get_checklist(actor: Actor, code: str) -> Checklist:
    """A checklist, archived or not."""
    permit_reading(actor)
    found = Checklist.objects.filter(code=code).first()
    if found is None:
        raise Http404
    return found


def checklist_to_change(actor: Actor, code: str) -> tuple[Checklist, Actor]:
    """A checklist, locked, and the actor as who they change it."""
    allowed = permit_editing(actor)
    found = Checklist.objects.select_for_update(no_key=True).filter(code=code).first()
    if found is None:
        raise Http404
    return found, allowed


def draft_of(checklist: Checklist, *, for_update: bool = False) -> ChecklistVersion:
    """The version that is edited. Raises Http404 when there is none."""
    rows = ChecklistVersion.objects.select_for_update(no_key=True) if for_update else ChecklistVersion.objects.all()
    found = rows.filter(checklist=checklist, released_at=None).first()
    if found is None:
        raise Http404
    return found


def site_visits(actor: Actor) -> QuerySet[Engagement]:
    """Site visits that the actor sees."""
    rows = engagements_visible_to(actor).filter(kind=EngagementKind.SITE_VISIT, site__isnull=False)
    return rows.select_related("site__partner", "visit__checklist_version__checklist")


def get_site_visit(actor: Actor, pk: int, *, for_update: bool = False) -> Engagement:
    """The engagement of a site visit."""
    rows = site_visits(actor).filter(pk=pk)
    found = (rows.select_for_update(of=("self",), no_key=True) if for_update else rows).first()
    if found is None:
        raise Http404
    return found


def visit_of(engagement: Engagement) -> Visit | None:
    """The checklist that was begun at a site visit."""
    return getattr(engagement, "visit", None)


def get_visit(actor: Actor, pk: int) -> Visit:
    """What was begun at the site visit. Raises Http404 where nothing was."""
    found = visit_of(get_site_visit(actor, pk))
    if found is None:
        raise Http404
    return found


def reported(actor: Actor) -> QuerySet[Engagement]:
    """Site visits whose report and photos the actor reads: the partner's side once they were sent in, the company also while they are under way."""
    rows = site_visits(actor)
    return rows if reads_checklists(actor) else rows.filter(visit__finished_at__isnull=False)


def get_report(actor: Actor, pk: int) -> Visit:
    """A visit whose report the actor reads. Raises Http404."""
    found = visit_of(get_site_visit(actor, pk))
    if found is None or not reported(actor).filter(pk=pk).exists():
        raise Http404
    return found


def visiting(actor: Actor, engagement: Engagement) -> Actor | None:
    """The actor as who they answer a checklist there, or None; always None for what has no site."""
    site = engagement.site
    return standing.running(actor, standing.Place(site.pk, site.partner_id)) if site else None


def site_visit_to_change(actor: Actor, pk: int) -> tuple[Engagement, Actor]:
    """A site visit, locked, and the actor as who they work on it."""
    engagement = get_site_visit(actor, pk, for_update=True)
    allowed = visiting(actor, engagement)
    if allowed is None:
        raise PermissionDenied
    return engagement, allowed


def visit_to_change(actor: Actor, pk: int) -> tuple[Visit, Actor]:
    """The visit at an engagement, locked: whoever answers does so one after another. Raises Http404 where nothing was begun."""
    engagement = get_site_visit(actor, pk)
    allowed = visiting(actor, engagement)
    if allowed is None:
        raise PermissionDenied
    found = Visit.objects.select_for_update(of=("self",), no_key=True).filter(engagement=engagement).first()
    if found is None:
        raise Http404
    return found, allowed
