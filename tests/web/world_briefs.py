"""A brief of the case, with a copy for the partner's lead, for the addresses of briefs."""

from typing import Any

from escalations import actions
from escalations.models import Case
from tests.escalations.pages_world import World


def briefs_args(made: World, case: Case) -> dict[str, dict[str, Any]]:
    """What they need."""
    writer = made.actor("service_lead")
    said = actions.Writing("en", situation="A guest is locked out.", neutral="A guest is locked out.")
    brief = actions.write_brief(actor=writer, ref=case.pk, writing=said)
    copy = actions.give_brief(
        actor=writer, ref=case.pk, version=brief.version, level="outside", reader_id=made.users["lead"].pk
    )
    return {"brief": {"ref": case.ref, "version": brief.version}, "brief_copy": {"pk": copy.pk}}
