"""What actions hang into the shell: navigation, search, their files."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import pgettext_lazy

from portal.accounts.rules import Actor
from portal.files.registry import register_owner
from portal.ui.registry import (
    NavItem,
    SearchHit,
    SearchSource,
    register_nav,
    register_search,
)

from ..access.actions import number_of
from ..queries import action_lists
from ..queries.actions import FILE_OWNER
from ..queries.scope import actions_visible_to, reads_reviews

if TYPE_CHECKING:
    from portal.files.models import StoredFile


def register() -> None:
    """Hang everything in."""
    register_nav(
        NavItem(
            "reviews", "actions", pgettext_lazy("things to do", "Actions"), "reviews:actions", "check", 40, reads_reviews,
            _open, later=True,
        )
    )  # fmt: skip
    register_owner(FILE_OWNER, _may_read)
    register_search(SearchSource("actions", pgettext_lazy("things to do", "Actions"), search))


def _open(actor: Actor) -> int | None:
    return action_lists.open_count(actor) or None


def _may_read(actor: Actor, file: "StoredFile") -> bool:
    """Whoever sees the action reads its evidence."""
    return file.owner_id.isdigit() and actions_visible_to(actor).filter(pk=int(file.owner_id)).exists()


def search(actor: Actor, text: str, limit: int) -> Sequence[SearchHit]:
    """Actions in the actor's sight by reference, or by words of their title; the newest first."""
    number = number_of(text) if text.strip().upper().startswith("A-") else None
    rows = actions_visible_to(actor)
    rows = rows.filter(pk=number) if number else rows.filter(title__icontains=text.replace("\0", ""))
    return [
        SearchHit(
            f"{one.ref} {one.title}", f"{one.get_state_display()} · {one.owner.name}", reverse("reviews:action", args=[one.ref]), "check"
        )
        for one in rows.select_related("owner").order_by("-pk")[:limit]
    ]  # fmt: skip
