"""Who acts, and with what standing. Pure: no Django, no database."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Standing:
    """One membership in force, a person's own or one they hold as a stand-in."""

    role: str
    partner_id: int | None = None
    site_id: int | None = None
    service_id: int | None = None
    is_lead: bool = False
    principal_id: int | None = None  # the person stood in for; None: one's own


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

    def of(self, *roles: str) -> tuple[Standing, ...]:
        """The standings in any of these roles, one's own first."""
        return tuple(sorted((s for s in self.standings if s.role in roles), key=lambda s: s.principal_id is not None))

    def has(self, *roles: str) -> bool:
        """True if any standing is in one of these roles."""
        return any(s.role in roles for s in self.standings)

    def acting_as(self, standing: Standing) -> "Actor":
        """The same actor, naming on whose behalf this standing lets them act."""
        return replace(self, principal_id=standing.principal_id)


SYSTEM = Actor(user_id=None)
