"""Who may keep the ledger of what is known. It is for colleagues: partner users see nothing of it."""

from portal.accounts.rules import Actor

from .seeing import Facts, Verdict
from .working import can_contact


def can_record_fact(actor: Actor, facts: Facts) -> Verdict:
    """Record, correct and withdraw facts, and keep the customer's card: whoever may log a contact."""
    return can_contact(actor, facts)
