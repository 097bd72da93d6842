"""What the administrator keeps for themselves, for the addresses of signals and saved views."""

from typing import Any

from kpis.models import Follow, SavedView
from portal.accounts.models import User


def follow_args(administrator: User) -> dict[str, dict[str, Any]]:
    """Something followed, and a view."""
    follow = Follow.objects.create(user=administrator)
    view = SavedView.objects.create(user=administrator, name="Mine", path="/performance/alerts/")
    return {"follow": {"pk": follow.pk}, "saved_view": {"pk": view.pk}}
