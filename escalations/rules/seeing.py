"""What the rules know of a case, what they answer, and who sees it."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from portal.accounts.rules import Actor, Standing

# Eighteen digits fit into the key's column.
_REF: Final = re.compile(r"(?:EC-)?([0-9]{1,18})", re.ASCII | re.IGNORECASE)
# As people type it: without the hyphen, with another dash, with a space.
_TYPED: Final = re.compile(r"(?:EC[\s\u2010-\u2015\u2212-]*)?([0-9]{1,18})", re.IGNORECASE)
_SITE_ROLES: Final = frozenset({"coordinator", "partner_manager", "partner_lead", "partner_qa"})
_EVERYWHERE: Final = frozenset({"administrator", "auditor"})
_CONFIDENTIAL_ROLES: Final = frozenset({"associate", "auditor"})
# Who may hold a grant for a restricted case.
GRANTABLE_ROLES: Final = frozenset({"coordinator", "partner_manager", "associate"})


def case_number(ref: str | int) -> int | None:
    """The number of a reference like EC-20418 (or of its bare number); None if it is none."""
    found = _REF.fullmatch(str(ref).strip())
    return int(found[1]) if found else None


def typed_number(text: str) -> int | None:
    """The number of a reference as people type it to find a case: `ec20418`, `EC 20418`, in full width; None if it is none."""
    found = _TYPED.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return int(found[1]) if found else None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules need to know of a case; `granted`: the actor in person holds a live grant for it; `let_in`: they may
    read it and no more, asked about it or offered it with their service; `open_steps`: the required steps of its playbook
    that are open, as far as somebody looked for them."""

    service_id: int
    site_id: int | None
    partner_id: int | None
    raised_by_id: int | None = None
    owner_id: int | None = None
    state: str = "new"
    sensitivity: str = "standard"
    resolved_at: datetime | None = None
    granted: bool = False
    let_in: bool = False
    case_id: int = 0
    open_steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Allowed:
    """Yes, by this standing (None: the system acts)."""

    standing: Standing | None = None
    ok: Literal[True] = True


@dataclass(frozen=True, slots=True)
class Denied:
    """No, and why: a value of `choices.Reason`."""

    code: str = "not_your_role"
    ok: Literal[False] = False


Verdict = Allowed | Denied
Test = Callable[[Standing], bool]


def covers(actor: Actor, standing: Standing, facts: Facts) -> bool:
    """Whether the case lies within the standing's scope, whatever its sensitivity."""
    if standing.role in _EVERYWHERE:
        return True
    if standing.role == "associate":
        return standing.service_id == facts.service_id
    if standing.role in _SITE_ROLES:
        return at_site(standing, facts)
    # An agent follows what they raised themselves; a stand-in, what the agent raised.
    return standing.role == "partner_agent" and facts.raised_by_id == (standing.principal_id or actor.user_id)


def at_site(standing: Standing, facts: Facts) -> bool:
    """Whether the standing is for the case's site, or for its partner as a whole."""
    if standing.site_id is not None:
        return standing.site_id == facts.site_id
    return standing.partner_id is not None and standing.partner_id == facts.partner_id


def sees(actor: Actor, standing: Standing, facts: Facts) -> bool:
    """Whether this standing shows the case. Grants count for the person who holds them, never for a stand-in."""
    if facts.sensitivity == "restricted":
        return facts.granted and standing.principal_id is None and standing.role in GRANTABLE_ROLES
    if facts.sensitivity == "confidential" and standing.role not in _CONFIDENTIAL_ROLES:
        return False
    return covers(actor, standing, facts)


def by(actor: Actor, facts: Facts, test: Test, code: str = "not_your_role") -> Verdict:
    """Allowed by the first standing, one's own before borrowed ones, that shows the case and passes the test."""
    if actor.is_system:
        return Allowed()
    seeing = [s for s in own_first(actor) if sees(actor, s, facts)]
    if not seeing:
        return Denied("only_to_read") if reads(actor, facts) else Denied("not_visible")
    found = next(filter(test, seeing), None)
    return Allowed(found) if found else Denied(code)


def own_first(actor: Actor) -> list[Standing]:
    """Standings of one's own, then those that somebody lent."""
    return sorted(actor.standings, key=lambda s: s.principal_id is not None)


def reads(actor: Actor, facts: Facts) -> Standing | None:
    """The standing by which somebody who was let in reads the case; None for everybody else. Nothing restricted is read so."""
    if not facts.let_in or facts.sensitivity == "restricted":
        return None
    return next((s for s in actor.standings if s.principal_id is None and s.role in GRANTABLE_ROLES), None)


def _or_reads(actor: Actor, facts: Facts, verdict: Verdict) -> Verdict:
    standing = None if verdict.ok else reads(actor, facts)
    return Allowed(standing) if standing else verdict


def can_see(actor: Actor, facts: Facts) -> Verdict:
    """Whether the case exists for this actor."""
    return _or_reads(actor, facts, by(actor, facts, lambda s: True))


def can_see_internal(actor: Actor, facts: Facts) -> Verdict:
    """Whether the actor sees internal notes of this case: by a company role that shows the case, or let in to read it."""
    return _or_reads(actor, facts, by(actor, facts, lambda s: s.may("see_internal")))
