"""A shift of the service's lead, watched by its associate, who gave them feedback on a closed case."""

from typing import Any
from uuid import uuid4

from escalations.actions import HandLine, Opinion, assign, give_feedback, hand_over_shift, set_state
from escalations.models import PeerFeedback
from tests.escalations.pages_world import World


def talk_args(made: World) -> dict[str, dict[str, Any]]:
    """What they need."""
    lead = made.actor("service_lead")
    case = made.case("Shift matter", by="lead")
    assign(actor=lead, ref=case.pk, owner_id=lead.user_id)
    line = HandLine(case.pk, "watches", "Look in.")
    shift = hand_over_shift(actor=lead, taker_id=made.users["associate"].pk, lines=[line], key=uuid4())
    feedback = _feedback(made)
    closed = f"EC-{feedback.case_id}"
    return {"shift": {"pk": shift.pk}, "feedback": {"pk": feedback.pk}, "closed": {"ref": closed}}


def _feedback(made: World) -> PeerFeedback:
    lead = made.actor("service_lead")
    case = made.case("Closed matter", by="lead")
    assign(actor=lead, ref=case.pk, owner_id=lead.user_id)
    for verb in ("triage", "start", "resolve", "close"):
        set_state(actor=lead, ref=case.pk, verb=verb)
    opinion = Opinion({"ownership": 4, "communication": 3, "judgement": 3, "documentation": 2}, "Called at once.")
    return give_feedback(actor=made.actor("associate"), ref=case.pk, opinion=opinion)
