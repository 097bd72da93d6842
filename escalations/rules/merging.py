"""Who may merge two cases. The one that ends is the source, the one that goes on the target."""

from escalations import transitions
from portal.accounts.rules import Actor

from .seeing import Denied, Facts, Verdict
from .working import may_work


def can_merge_away(actor: Actor, source: Facts) -> Verdict:
    """Merge this case into some other one: whoever works it, while the table lets it end so."""
    verdict = may_work(actor, source)
    return Denied("not_possible") if verdict.ok and source.state not in transitions.MERGES else verdict


def can_merge(actor: Actor, source: Facts, target: Facts) -> Verdict:
    """Merge one into the other: whoever works both. Not into itself, nor into one that has ended or was merged itself.

    The standing is the one by which the source is worked; the target's is asked for with `may_work`.
    """
    for verdict in (can_merge_away(actor, source), may_work(actor, target)):
        if not verdict.ok:
            return verdict
    if source.case_id == target.case_id:
        return Denied("merge_into_itself")
    if target.state == "merged":
        return Denied("target_merged")
    return can_merge_away(actor, source) if target.state in transitions.SURVIVES else Denied("target_ended")
