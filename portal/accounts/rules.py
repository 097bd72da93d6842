"""Who acts, with what standing, and what it lets them do. Pure: no Django, no database."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

_ADMIN, _COORDINATOR, _MANAGER, _ASSOCIATE = "administrator", "coordinator", "partner_manager", "associate"
_LEAD, _QA, _AGENT, _IT, _AUDITOR = "partner_lead", "partner_qa", "partner_agent", "it_fulfilment", "auditor"

COMPANY_ROLES = frozenset({_ADMIN, _COORDINATOR, _MANAGER, _ASSOCIATE, _IT, _AUDITOR})
PARTNER_ROLES = frozenset({_LEAD, _QA, _AGENT})
# Held by the person alone: a stand-in never becomes an administrator (see docs/guide/roles.md).
NOT_DELEGABLE = frozenset({_ADMIN})
# Stands for an associate whose membership leads the service.
SERVICE_LEAD = "service_lead"

# What may be done, and by whom. Where (which site, service, case) is the wing's own `visible_to` and `access`.
RIGHTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "manage_users": frozenset({_ADMIN}),
        "see_users": frozenset({_ADMIN, _AUDITOR}),
        "configure": frozenset({_ADMIN}),
        "dead_letters": frozenset({_ADMIN}),
        "read_audit": frozenset({_ADMIN, _AUDITOR}),
        "read_all": frozenset({_AUDITOR}),
        "see_internal": frozenset({_ADMIN, _COORDINATOR, _MANAGER, _ASSOCIATE, _AUDITOR}),
        "triage": frozenset({_COORDINATOR, _MANAGER}),
        "assign": frozenset({_COORDINATOR, _MANAGER, SERVICE_LEAD}),
        "work_case": frozenset({_COORDINATOR, _MANAGER, _ASSOCIATE}),
        "see_confidential": frozenset({_ASSOCIATE}),
        "grant_restricted": frozenset({SERVICE_LEAD}),
        "review_break_glass": frozenset({SERVICE_LEAD}),
        "configure_service": frozenset({_ADMIN, SERVICE_LEAD}),
        "raise_case": frozenset({_COORDINATOR, _MANAGER, _ASSOCIATE, _LEAD, _AGENT}),
        "follow_case": frozenset({_COORDINATOR, _MANAGER, _ASSOCIATE, _LEAD, _QA, _AGENT}),
        "directory_read": frozenset({_ADMIN, _COORDINATOR, _MANAGER, _ASSOCIATE, _LEAD, _QA, _AUDITOR}),
        "directory_write": frozenset({_ADMIN, _COORDINATOR, _MANAGER}),
        "request_access": frozenset({_COORDINATOR, _MANAGER, _LEAD}),
        "approve_roster": frozenset({_COORDINATOR, _MANAGER}),
        "submit_roster": frozenset({_LEAD}),
        "approve": frozenset({_MANAGER}),
        "fulfil_access": frozenset({_IT}),
        "run_reviews": frozenset({_COORDINATOR, _MANAGER}),
        "answer_actions": frozenset({_LEAD, _QA}),
        "score_quality": frozenset({_QA}),
        "see_scorecard": frozenset({_COORDINATOR, _MANAGER, _LEAD, _QA, _AUDITOR}),
    }
)


class RefusedError(Exception):
    """A change to people that the rules do not allow; `code` is one of `choices.Refusal`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


# Days that a stand-in may be named for at once, and that an invitation may be used.
MAX_DELEGATION_DAYS = 180
INVITATION_DAYS = 7


def scope_fits(role: str, *, partner: bool, site: bool, service: bool) -> bool:
    """True if a membership in this role may name just these. The database's CHECK says the same."""
    named = (partner, site, service)
    if role in {_ADMIN, _AUDITOR, _IT}:
        return named == (False, False, False)
    if role == _ASSOCIATE:
        return named == (False, False, True)
    if role in {_COORDINATOR, _MANAGER}:
        return named in {(True, False, False), (False, True, False)}
    return role in PARTNER_ROLES and named == (False, True, False)


@dataclass(frozen=True, slots=True)
class Standing:
    """One membership in force, a person's own or one they hold as a stand-in."""

    role: str
    partner_id: int | None = None
    site_id: int | None = None
    service_id: int | None = None
    is_lead: bool = False
    principal_id: int | None = None  # the person stood in for; None: one's own

    def may(self, right: str) -> bool:
        """True if this standing carries the right. Raises KeyError for a right that does not exist."""
        roles = RIGHTS[right]
        return self.role in roles or (self.role == _ASSOCIATE and self.is_lead and SERVICE_LEAD in roles)


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at work, with all standings; `user_id` None is the system itself."""

    user_id: int | None
    person_id: int | None = None
    standings: tuple[Standing, ...] = ()
    principal_id: int | None = None

    @property
    def is_system(self) -> bool:
        """True for workers acting on their own."""
        return self.user_id is None

    @property
    def is_anonymous(self) -> bool:
        """True for a visitor who is not signed in."""
        return self.user_id == 0

    def of(self, *roles: str) -> tuple[Standing, ...]:
        """The standings in any of these roles, one's own first."""
        return tuple(sorted((s for s in self.standings if s.role in roles), key=_own_first))

    def has(self, *roles: str) -> bool:
        """True if any standing is in one of these roles."""
        return any(s.role in roles for s in self.standings)

    def can(self, right: str) -> bool:
        """True if any standing carries this right, somewhere. Raises KeyError for a right that does not exist."""
        return any(s.may(right) for s in self.standings)

    def standings_for(self, right: str) -> tuple[Standing, ...]:
        """The standings that carry this right, one's own first."""
        return tuple(sorted((s for s in self.standings if s.may(right)), key=_own_first))

    def acting_as(self, standing: Standing) -> "Actor":
        """The same actor, naming on whose behalf this standing lets them act."""
        return replace(self, principal_id=standing.principal_id)

    @property
    def principal_ids(self) -> frozenset[int]:
        """Everyone this person stands in for now."""
        return frozenset(s.principal_id for s in self.standings if s.principal_id is not None)


def _own_first(standing: Standing) -> bool:
    return standing.principal_id is not None


SYSTEM = Actor(user_id=None)
# No user has id 0: whatever starts at `visible_to(actor)` finds nothing for a visitor.
ANONYMOUS = Actor(user_id=0)
