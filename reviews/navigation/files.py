"""Who may read the files of packs: who sees the pack."""

from typing import TYPE_CHECKING

from portal.accounts.rules import Actor
from portal.files.registry import register_owner

from ..actions.files import OWNER
from ..models import PackFile
from ..queries.scope import packs_visible_to

if TYPE_CHECKING:
    from portal.files.models import StoredFile


def register() -> None:
    """Called once, when the application is ready."""
    register_owner(OWNER, _may_read)


def _may_read(actor: Actor, file: "StoredFile") -> bool:
    rows = PackFile.objects.filter(pk=file.owner_id, file=file.pk)
    return rows.filter(pack__in=packs_visible_to(actor).values("pk")).exists()
