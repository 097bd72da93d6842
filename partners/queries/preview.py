"""What the preview of a roster shows of its rows; constant queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from portal.accounts.rules import Actor

from ..choices import ProposalKind
from ..models import Engagement, Person, Roster, RosterProposal
from ..wording import change_text, fault_text, field_label
from .scope import people_visible_to

TONES: Final = {
    ProposalKind.JOINER: "green",
    ProposalKind.REHIRE: "green",
    ProposalKind.MOVER: "blue",
    ProposalKind.LEAVER: "amber",
    ProposalKind.UNDECIDED: "violet",
    ProposalKind.ERROR: "red",
}
# A file for another site, or half a file, ends many people at once.
MANY_LEAVERS: Final = 5
MANY_PART: Final = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One row as the preview shows it."""

    proposal: RosterProposal
    number: str
    name: str
    email: str
    team: str
    tone: str
    details: Sequence[str]
    fault_label: str
    candidates: Sequence[tuple[int, str]]
    linked: bool


def lines_of(actor: Actor, proposals: Sequence[RosterProposal]) -> list[Line]:
    """The rows with what is said of them; three queries at most."""
    ids = {pk for p in proposals for pk in p.candidates}
    names = {p.pk: p for p in Person.objects.filter(pk__in=ids)} if ids else {}
    numbers = dict(
        Engagement.objects.filter(person__in=ids).order_by("period").values_list("person", "employee_number")
    )
    people = {p.person_id for p in proposals if p.person_id}
    seen = set(people_visible_to(actor).filter(pk__in=people).values_list("pk", flat=True)) if people else set()
    return [_line(p, names, numbers, seen) for p in proposals]


def _line(proposal: RosterProposal, names: dict[int, Person], numbers: dict[int, str], seen: set[int]) -> Line:
    said = proposal.said
    offered = [(pk, _candidate(names[pk], numbers.get(pk, ""))) for pk in proposal.candidates if pk in names]
    return Line(
        proposal,
        number=said.get("key", ""),
        name=said.get("name", "") or (proposal.person.name if proposal.person_id in seen and proposal.person else ""),
        email=said.get("email", ""),
        team=_team(said),
        tone=TONES.get(ProposalKind(proposal.kind), ""),
        details=_details(proposal),
        fault_label=field_label(proposal.fault_field),
        candidates=offered,
        linked=proposal.person_id in seen,
    )


def _candidate(person: Person, number: str) -> str:
    return " · ".join(part for part in (person.name, number, person.email) if part)


def _team(said: dict[str, Any]) -> str:
    pair = said.get("team") or said.get("programme")
    return str(pair[1]) if pair else ""


def _details(proposal: RosterProposal) -> list[str]:
    if proposal.fault:
        return [fault_text(proposal.fault, proposal.fault_params)]
    if proposal.kind in {ProposalKind.JOINER, ProposalKind.REHIRE} and proposal.first_day:
        days = [change_text("first_day", None, proposal.first_day.isoformat())]
        if proposal.last_day:
            days.append(change_text("last_day", None, proposal.last_day.isoformat()))
        return days + [change_text(field, *pair) for field, pair in proposal.changes.items()]
    return [change_text(field, *pair) for field, pair in proposal.changes.items()]


def ends_many(roster: Roster) -> bool:
    """Whether the roster would end more than a fifth of the people there: a wrong file, as a rule."""
    there = roster.leavers + roster.movers + roster.unchanged
    return roster.leavers > MANY_LEAVERS and roster.leavers * MANY_PART > there
