"""A playbook of the service with a draft beside what is in use, for the addresses of playbooks and of steps."""

from typing import Any

from escalations.models import Case
from tests.escalations.pages_world import World
from tests.factories.playbooks import draft, published, step


def playbooks_args(made: World, case: Case) -> dict[str, dict[str, Any]]:
    """What they need. None of its steps is required, so that nobody's cases are held up."""
    version = published(step("call", required=False), name="Call back", service=made.service)
    draft(version.playbook, step("call", required=False))
    return {
        "case_step": {"ref": case.ref, "key": "call"},
        "playbook": {"pk": version.playbook_id},
        "playbook_step": {"pk": version.playbook_id, "key": "call"},
    }
