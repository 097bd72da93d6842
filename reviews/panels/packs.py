"""What waits for somebody in My day: drafts to comment on, to acknowledge, to publish."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from portal.accounts.rules import Actor

from ..queries.jobs import scope_label
from ..queries.packs import waiting_for
from ..queries.scope import reads_reviews
from ..views.pack_parts import period_name

MOST: Final = 8
WORDS: Final = {
    "comment": _("An exception needs a comment."),
    "acknowledge": _("Waits for your acknowledgement."),
    "publish": _("Acknowledged by both sides. Publish it."),
}


def waiting(actor: Actor, _obj: object) -> Mapping[str, Any] | None:
    """Drafts that wait for the actor; None where nothing does."""
    rows = waiting_for(actor, MOST + 1) if reads_reviews(actor) else []
    lines = [
        (one.pack, f"{one.pack.kind.label} · {scope_label(one.pack)}", period_name(one.pack), WORDS[one.what])
        for one in rows
    ]
    return {"lines": lines[:MOST], "more": len(lines) > MOST} if lines else None
