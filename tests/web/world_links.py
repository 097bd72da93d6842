"""A case that is linked, for the addresses of links."""

from typing import Any

from escalations.actions import link_cases
from escalations.models import Case, CaseLink
from portal.accounts.rules import SYSTEM
from tests.escalations.pages_world import World


def links_args(made: World, case: Case) -> dict[str, dict[str, Any]]:
    """What they need: a link to another case of the same service and site."""
    link_cases(actor=SYSTEM, ref=case.pk, other=made.case("Key returned late").pk, said="related")
    return {"case_link": {"ref": case.ref, "link_id": CaseLink.objects.get().pk}}
