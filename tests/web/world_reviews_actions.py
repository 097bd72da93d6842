"""An action of the site, for the addresses of actions."""

from typing import Any

from tests.escalations.pages_world import World
from tests.reviews.action_world import raised


def review_actions_args(made: World) -> dict[str, dict[str, Any]]:
    """Raised by the coordinator, owned by the lead, open."""
    action = raised(made)
    return {"action": {"ref": action.ref}, "action_taken": {"ref": action.ref, "verb": "take"}}
