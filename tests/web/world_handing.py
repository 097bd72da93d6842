"""A case that is offered and asked about, for the addresses of hand-overs and of questions to colleagues."""

from typing import Any

from tests.escalations.pages_world import World
from tests.factories.handing import ConsultFactory, HandoverFactory


def handing_args(made: World) -> dict[str, dict[str, Any]]:
    """An offer and a question by the associate, both to the lead of the service."""
    case, giver, taker = made.case("Left at the door", by="lead"), made.users["associate"], made.users["service_lead"]
    offer = HandoverFactory(case=case, given_by=giver, to_user=taker)
    question = ConsultFactory(case=case, asked_by=giver, to_user=taker)
    return {"handover": {"pk": offer.pk}, "consult": {"pk": question.pk}}
