"""A case that is linked, for the addresses of links."""

from typing import Any

from escalations.actions import add_note, link_cases
from escalations.models import Case, CaseLink
from portal.accounts.rules import SYSTEM
from tests.escalations.pages_world import World


def links_args(made: World, case: Case) -> dict[str, dict[str, Any]]:
    """What they need: a link to another case of the same service and site, and a message to be split off."""
    link_cases(actor=SYSTEM, ref=case.pk, other=made.case("Key returned late").pk, said="related")
    said = add_note(actor=SYSTEM, ref=case.pk, text="And the noise at night.", shared=False)
    return {
        "case_link": {"ref": case.ref, "link_id": CaseLink.objects.get().pk},
        "message": {"ref": case.ref, "entry_id": said.pk},
    }
