"""What people hear of packs: events for the worker that hands them round to whoever speaks for a side then, or is subscribed."""

from typing import Final

from portal.accounts.rules import Actor
from portal.notifications.actions import Emission, emit

from ..models import Pack

PACK: Final = "reviews.pack"
PUBLISHED: Final = "reviews.published"


def tell(pack: Pack, what: str, *, actor: Actor, side: str = "") -> None:
    """Queue word of a pack, in the caller's transaction. `what`: draft, acknowledged, voided, published; `side`: who hears it, "" both.

    Of a draft, and of its publication, people hear once.
    """
    kind = PUBLISHED if what == "published" else PACK
    facts = {"pack": pack.pk, "what": what, "side": side, "by": [actor.user_id, actor.principal_id]}
    emit([Emission(kind, f"{kind}:{pack.pk}:{what}{_times(pack, what)}", facts)])


def _times(pack: Pack, what: str) -> str:
    """Comments and acknowledgements so far tell one acknowledgement from the next."""
    if what in {"draft", "published"}:
        return ""
    return f":{pack.comments.count()}:{pack.acknowledgements.count()}"
