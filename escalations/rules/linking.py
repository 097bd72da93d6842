"""Who may link cases and split them. Pure, as the other rules."""

from portal.accounts.rules import Actor

from .seeing import Denied, Facts, Verdict
from .working import can_contact, may_work


def can_link(actor: Actor, facts: Facts, others: Facts) -> Verdict:
    """Link a case to another one: whoever works both. A merged case takes nothing more in; it can be linked to."""
    verdict = can_contact(actor, facts)
    if not verdict.ok:
        return verdict
    if facts.case_id == others.case_id:
        return Denied("link_to_itself")
    beside = may_work(actor, others)
    return verdict if beside.ok else beside


def can_split(actor: Actor, facts: Facts) -> Verdict:
    """Make a case of some of a case's messages: whoever works it, until it is merged."""
    return can_contact(actor, facts)
