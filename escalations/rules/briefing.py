"""Who writes briefs of a case, and who hands a copy to somebody without an account."""

from portal.accounts.rules import Actor, Standing

from .guarding import leads
from .seeing import Denied, Facts, Verdict, by
from .working import can_contact


def can_brief(actor: Actor, facts: Facts) -> Verdict:
    """Write a brief, and give copies to people of the portal: whoever works the case."""
    return can_contact(actor, facts)


def can_brief_outside(actor: Actor, facts: Facts) -> Verdict:
    """Make a copy for somebody without an account: the owner of the case, or a lead of its service, or who stands in for
    them."""
    verdict = can_brief(actor, facts)
    if isinstance(verdict, Denied):
        return verdict

    def answers_for_it(standing: Standing) -> bool:
        owns = facts.owner_id is not None and facts.owner_id == (standing.principal_id or actor.user_id)
        return leads(standing, facts) or (owns and standing.may("work_case"))

    return by(actor, facts, answers_for_it, "owner_or_lead")
