"""A shift of the service's lead, watched by its associate, for the addresses of hand-overs."""

from typing import Any
from uuid import uuid4

from escalations.actions import HandLine, assign, hand_over_shift
from tests.escalations.pages_world import World


def talk_args(made: World) -> dict[str, dict[str, Any]]:
    """What they need."""
    lead = made.actor("service_lead")
    case = made.case("Shift matter", by="lead")
    assign(actor=lead, ref=case.pk, owner_id=lead.user_id)
    line = HandLine(case.pk, "watches", "Look in.")
    shift = hand_over_shift(actor=lead, taker_id=made.users["associate"].pk, lines=[line], key=uuid4())
    return {"shift": {"pk": shift.pk}}
