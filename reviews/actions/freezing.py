"""Packs that wait get their numbers, once, and are drafts from then on.

A worker holds a pack by a lock of its session while it builds: when it dies, however that happens, the lock goes with it, nothing is
written, and the next tick takes the pack up. Numbers, lines and what is to be rendered are written in one transaction.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.db.models import F
from django.utils import timezone

from portal.accounts.rules import SYSTEM
from portal.audit.actions import record

from ..blocks import Needed, Text, frozen
from ..choices import PackState
from ..models import Line, Pack
from ..queries.sections import SECTIONS, Built, Context, context_of
from ..queries.settling import is_settled
from . import files
from .attempts import Attempt
from .holding import held, snapshot
from .telling import tell

logger = logging.getLogger(__name__)
# After so many failures somebody has to look; they may have it tried again.
MOST_ATTEMPTS: Final = 5
BATCH: Final = 100
# What is missing of days is missing in every section that is made of them.
_OF_DAYS: Final = frozenset({"no_data", "absent_days"})


def freeze_packs() -> int:
    """Freeze what waits, oldest first; how many.

    What another worker has in hand is left to it, what failed too often to somebody, and figures that are being counted anew are waited for.
    """
    now = timezone.now()
    waiting = Pack.objects.filter(state=PackState.WAITING, attempts__lt=MOST_ATTEMPTS).order_by("created_at", "pk")
    packs = list(waiting.select_related("kind", "site", "partner")[:BATCH])
    return sum(freeze(pack.pk) for pack in packs if is_settled(pack, now))


def freeze(pack_id: int) -> bool:
    """Freeze one pack now; False when another worker has it in hand, when it is frozen already, or when it fails: the pack says why."""
    with held(f"reviews:pack:{pack_id}") as mine:
        if not mine or not Pack.objects.filter(pk=pack_id, state=PackState.WAITING).update(attempts=F("attempts") + 1):
            return False
        with Attempt(partial(_gone_wrong, pack_id)):
            return _freeze(pack_id)
        return False


def _gone_wrong(pack_id: int, error: Exception) -> None:
    logger.error("pack %s was not frozen", pack_id, exc_info=error)
    Pack.objects.filter(pk=pack_id, state=PackState.WAITING).update(error=type(error).__name__[:200])


def try_again(pack: Pack) -> None:
    """Let workers take up a pack that failed too often."""
    Pack.objects.filter(pk=pack.pk, state=PackState.WAITING).update(attempts=0, error="")


def _freeze(pack_id: int) -> bool:
    with snapshot():
        pack = Pack.objects.select_related("kind", "site__partner", "partner").get(pk=pack_id)
        now = timezone.now()
        sections = build(pack, now)
        locked = Pack.objects.select_for_update().get(pk=pack_id)
        if locked.state != PackState.WAITING:
            return False
        Line.objects.bulk_create(_lines(pack, sections))
        pack.data = data_of(pack, sections, now)
        pack.missing = _missing(sections)
        pack.state, pack.frozen_at, pack.error = PackState.DRAFT, now, ""
        pack.save(update_fields=["data", "missing", "state", "frozen_at", "error"])
        files.ask(pack)
        tell(pack, "draft", actor=SYSTEM)
        record(actor=SYSTEM, verb="pack.frozen", subject_type="pack", subject_id=pack.pk)
    return True


def build(pack: Pack, now: datetime) -> list[tuple[str, Built]]:
    """The sections of the pack's kind, in their order. One whose code is no longer known is left out."""
    context = context_of(pack, now)
    rows = pack.kind.sections.order_by("position")
    return [(row.code, _built(context, row.code, row.options)) for row in rows if row.code in SECTIONS]


def _built(context: Context, code: str, options: dict[str, Any]) -> Built:
    context.options = options
    return SECTIONS[code].build(context)


def data_of(pack: Pack, sections: Sequence[tuple[str, Built]], now: datetime) -> dict[str, Any]:
    """What is frozen: sections with their blocks, and what they are about."""
    period = context_of(pack, now).period
    return {
        "sections": [{"code": code, "blocks": [frozen(one) for one in built.blocks]} for code, built in sections],
        "period": {"key": period.key, "first": period.first.isoformat(), "last": period.last.isoformat()},
        "scope": {
            "scope": pack.scope,
            "site": _named(pack.site),
            "partner": _named(pack.partner or (pack.site and pack.site.partner)),
        },
        "made": {"at": now.isoformat(), "kind": _named(pack.kind), "revision": pack.revision},
    }


def _named(thing: Any) -> dict[str, str] | None:
    return {"code": thing.code, "en": thing.name, "zh": thing.name_zh} if thing else None


def _lines(pack: Pack, sections: Sequence[tuple[str, Built]]) -> list[Line]:
    return [
        _line(pack, code, one, needs=needs)
        for code, built in sections
        for ones, needs in ((built.needed, True), (built.others, False))
        for one in ones
    ]


def _line(pack: Pack, section: str, one: Needed, *, needs: bool) -> Line:
    return Line(pack=pack, section=section, key=one.key, site_id=one.site_id, kpi_id=one.kpi_id, needs_comment=needs)


def _missing(sections: Sequence[tuple[str, Built]]) -> list[dict[str, Any]]:
    """What could not be said, each once."""
    found: list[Text] = [text for _code, built in sections for text in built.missing]
    days = [at for at, one in enumerate(found, 1) if one.code in _OF_DAYS]
    if days:
        found.insert(
            days[-1],
            Text(
                code="lacking_sections",
                params={"sections": [code for code, _built in sections if SECTIONS[code].daily]},
            ),
        )
    unique = {(one.code, str(sorted(one.params.items()))): one for one in found}
    return [{"code": one.code, "params": dict(one.params)} for one in unique.values()]
