"""Who may configure calendars and policies, and who may look into a clock."""

from collections.abc import Mapping, Sequence

from portal.accounts.choices import Role
from portal.accounts.rules import Actor
from sla import registry
from sla.models import Calendar, Policy
from sla.queries.clocks import ClockView, clock_view
from sla.rules import may_edit


def may_configure(actor: Actor) -> bool:
    """Calendars, and the policies of everybody: administrators."""
    return actor.has(Role.ADMINISTRATOR)


def may_read_configuration(actor: Actor) -> bool:
    """Calendars and policies are read by who configures them and by auditors."""
    return may_configure(actor) or actor.has(Role.AUDITOR)


def may_see_policies(actor: Actor) -> bool:
    """Policies also by whoever governs some of them."""
    return may_read_configuration(actor) or any(governed_by(actor, kind.key) for kind in registry.kinds())


def governed_by(actor: Actor, subject_kind: str) -> dict[str, frozenset[str]]:
    """For each dimension the values whose policies the actor may edit, such as a service lead's services."""
    found = {}
    for name, dimension in registry.kind_of(subject_kind).dimensions.items():
        values = dimension.governed_by(actor) if dimension.governed_by else frozenset()
        if values:
            found[name] = values
    return found


def may_edit_match(actor: Actor, subject_kind: str, match: Mapping[str, Sequence[str]]) -> bool:
    """True if the actor may save a policy that matches this."""
    return may_edit(match, governed_by(actor, subject_kind), is_administrator=may_configure(actor))


def get_calendar(actor: Actor, calendar_id: int) -> Calendar | None:
    """A calendar that the actor may see, or None."""
    if not may_see_policies(actor):
        return None
    return Calendar.objects.filter(pk=calendar_id).first()


def get_policy(actor: Actor, policy_id: int) -> Policy | None:
    """A policy that the actor may see, or None."""
    if not may_see_policies(actor):
        return None
    known = [kind.key for kind in registry.kinds()]
    return Policy.objects.filter(pk=policy_id, subject_kind__in=known).first()


def get_clock(actor: Actor, clock_id: int) -> ClockView | None:
    """A clock of a subject that the actor may see, if they may know of it, or None."""
    clock = clock_view(clock_id)
    if clock is None or clock.subject_kind not in {kind.key for kind in registry.kinds()}:
        return None
    kind = registry.kind_of(clock.subject_kind)
    if kind.can_see is None or not kind.can_see(actor, clock.subject_id):
        return None
    return clock if kind.may_know is None or kind.may_know(actor, clock.subject_id, clock.metric) else None
