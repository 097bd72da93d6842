"""Reads of rosters: which ones, what they propose, and what an applied one changed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q, QuerySet

from portal.accounts.rules import Actor, Standing

from ..choices import ProposalKind, RosterState
from ..models import Engagement, Leave, Roster, RosterProposal, Site
from ..models.rosters import OPEN_STATES
from .scope import people_visible_to

CHANGING = (ProposalKind.JOINER, ProposalKind.MOVER, ProposalKind.LEAVER, ProposalKind.REHIRE)
TO_FIX = (ProposalKind.ERROR, ProposalKind.UNDECIDED)


@dataclass(frozen=True, slots=True)
class RosterChange:
    """What an applied roster changed about one person: `kind` is a ProposalKind; `changes` holds [old, new] by field.

    first_day: of joiners, rehires, and of movers in their new place. last_day: None while none is known.
    """

    person_id: int
    kind: str
    first_day: date | None
    last_day: date | None
    changes: dict[str, list[str | None]] = field(default_factory=dict)


def roster_changes(roster_id: int) -> list[RosterChange]:
    """What an applied roster changed, in the order of the file; nothing for one that is not applied."""
    rows = RosterProposal.objects.filter(
        roster_id=roster_id, roster__state=RosterState.APPLIED, kind__in=CHANGING, person__isnull=False
    )
    found = rows.order_by("row", "pk").values_list("person_id", "kind", "first_day", "last_day", "changes")
    return [RosterChange(*row) for row in found if row[0] is not None]


def sites_to_roster(actor: Actor) -> QuerySet[Site]:
    """Sites in use of which the actor may upload rosters."""
    sites = Site.objects.filter(archived_at__isnull=True)
    if actor.is_system:
        return sites
    standings = (*actor.standings_for("submit_roster"), *actor.standings_for("approve_roster"))
    return sites.filter(_of(standings))


def rosters_visible_to(actor: Actor) -> QuerySet[Roster]:
    """Rosters of the sites of which the actor uploads or applies them; auditors read all."""
    if actor.is_system or actor.can("read_all"):
        return Roster.objects.all()
    standings = (*actor.standings_for("submit_roster"), *actor.standings_for("approve_roster"))
    return Roster.objects.filter(site__in=Site.objects.filter(_of(standings)))


def _of(standings: Iterable[Standing]) -> Q:
    sites = {s.site_id for s in standings if s.site_id is not None}
    partners = {s.partner_id for s in standings if s.partner_id is not None}
    return Q(pk__in=sites) | Q(partner_id__in=partners)


def reads_rosters(actor: Actor) -> bool:
    """Whether there are rosters for the actor at all."""
    return actor.can("submit_roster") or actor.can("approve_roster") or actor.can("read_all")


def proposals_of(roster: Roster, *, kinds: tuple[str, ...] = ()) -> QuerySet[RosterProposal]:
    """A roster's rows by number, those whom the file lacks last."""
    rows = roster.proposals.filter(kind__in=kinds) if kinds else roster.proposals.all()
    return rows.select_related("person").order_by("row", "pk")


def same_file_before(roster: Roster) -> Roster | None:
    """The last time that the same file was applied at the site, if ever."""
    rows = Roster.objects.filter(site=roster.site_id, sha256=roster.sha256, state=RosterState.APPLIED)
    return rows.exclude(pk=roster.pk).select_related("closed_by").order_by("-closed_at").first()


def open_beside(roster: Roster) -> list[Roster]:
    """Other rosters of the site that may still be applied, the newest three; one query."""
    rows = Roster.objects.filter(site=roster.site_id, state__in=OPEN_STATES).exclude(pk=roster.pk)
    return list(rows.select_related("uploaded_by").order_by("-uploaded_at", "-pk")[:3])


def leave_visible_to(actor: Actor) -> QuerySet[Leave]:
    """Leave of people whom the actor may see."""
    return Leave.objects.filter(cancelled_at__isnull=True, person__in=people_visible_to(actor))


def numbers_of(employer_id: int, people: list[int]) -> dict[int, str]:
    """The latest employee number of each person at an employer; one query."""
    rows = Engagement.objects.filter(employer=employer_id, person__in=people).exclude(employee_number="")
    return dict(rows.order_by("period").values_list("person", "employee_number"))
