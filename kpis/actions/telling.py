"""What the other side hears of agreements: events for the worker that hands them round to whoever speaks for that side then."""

from typing import Any, Final

from django.utils import timezone

from portal.accounts.rules import Actor
from portal.notifications.actions import Emission, emit

from ..rules import standing

EXCLUSION: Final = "kpis.exclusion"
RESULT: Final = "kpis.result"
STATEMENT: Final = "kpis.statement"


def tell_other(kind: str, row: Any, what: str, *, actor: Actor, side: str) -> None:
    """Queue word for the side opposite to `side`, in the caller's transaction: what the actor has just done to a row."""
    other = standing.PARTNER if side == standing.COMPANY else standing.COMPANY
    key = f"{kind}:{row.pk}:{what}:{int(timezone.now().timestamp() * 1_000_000)}"
    facts = {"row": row.pk, "what": what, "side": other, "by": [actor.user_id, actor.principal_id]}
    emit([Emission(kind, key, facts)])
