"""What an action comes out of, as an address names it: `finding:3`, `pack:5` (a line), `meeting:7`, `case:EC-12`, `scorecard:CTU:csat:2026-W46`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import Http404

from escalations.access import get_case
from kpis.queries import kpis_in_use
from kpis.rules.periods import parse
from portal.accounts.rules import Actor
from portal.numbers import whole

from ..choices import Source
from ..models import Action, Line
from ..queries.packs import period_of_pack
from ..queries.scope import engagements_visible_to, findings_visible_to, packs_visible_to, sites_visible_to
from ..rules.standing import Place
from ..wording.cells import period_name

_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Origin:
    """`fields`: what the action keeps of it; `title` what it is called; `key` how an address names it."""

    source: str = Source.OTHER
    key: str = ""
    place: Place | None = None
    title: str = ""
    kpi_id: int | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


def get_source(actor: Actor, key: str) -> Origin:
    """What the key names, in the actor's sight. Raises Http404."""
    if not key:
        return Origin()
    name, _, rest = key.partition(":")
    if name not in _READERS or len(key) > _MOST:
        raise Http404
    return _READERS[name](actor, rest)


def key_of(action: Action) -> str:
    """How an address names what an action came out of; empty for nothing."""
    match action.source:
        case Source.FINDING:
            return f"finding:{action.finding_id}"
        case Source.PACK:
            return f"pack:{action.line_id}"
        case Source.MEETING:
            return f"meeting:{action.engagement_id}"
        case Source.CASE:
            return f"case:EC-{action.case_id}"
        case Source.SCORECARD if action.site and action.kpi:
            return f"scorecard:{action.site.code}:{action.kpi.code}:{action.period}"
    return ""


def _finding(actor: Actor, text: str) -> Origin:
    row = findings_visible_to(actor).select_related("site").filter(pk=whole(text) or 0).first()
    row = _there(row)
    return Origin(
        Source.FINDING, f"finding:{row.pk}", Place(row.site_id, row.site.partner_id), row.title, fields={"finding": row}
    )  # fmt: skip


def _line(actor: Actor, text: str) -> Origin:
    rows = Line.objects.filter(pack__in=packs_visible_to(actor).values("pk")).select_related(
        "pack__kind", "site", "kpi"
    )
    row = _there(rows.filter(pk=whole(text) or 0).first())
    place = Place(row.site_id, row.site.partner_id) if row.site else Place(row.pack.site_id, row.pack.partner_id)
    title = " · ".join(
        [row.pack.kind.label, period_name(period_of_pack(row.pack).key), row.kpi.label if row.kpi else row.key]
    )
    return Origin(Source.PACK, f"pack:{row.pk}", place, title, row.kpi_id, {"line": row})


def _meeting(actor: Actor, text: str) -> Origin:
    row = _there(engagements_visible_to(actor).select_related("site").filter(pk=whole(text) or 0).first())
    place = Place(row.site_id, row.site.partner_id if row.site else row.partner_id)
    return Origin(
        Source.MEETING, f"meeting:{row.pk}", place, row.title, fields={"engagement": row, "series_id": row.series_id}
    )  # fmt: skip


def _case(actor: Actor, text: str) -> Origin:
    row = get_case(actor, text)
    place = Place(row.site_id, row.site.partner_id) if row.site else None
    return Origin(Source.CASE, f"case:{row.ref}", place, row.subject, fields={"case_id": row.pk})


def _cell(actor: Actor, text: str) -> Origin:
    code, _, rest = text.partition(":")
    kpi_code, _, period = rest.partition(":")
    site = _there(sites_visible_to(actor).filter(code=code).first() if "\0" not in text else None)
    kpi = _there(next((one for one in kpis_in_use() if one.code == kpi_code), None))
    if period and parse(period) is None:
        raise Http404
    key = f"scorecard:{site.code}:{kpi.code}:{period}"
    return Origin(Source.SCORECARD, key, Place(site.pk, site.partner_id), kpi.label, kpi.pk, {"period": period})


_READERS: Final[Mapping[str, Callable[[Actor, str], Origin]]] = {
    "finding": _finding, "pack": _line, "meeting": _meeting, "case": _case, "scorecard": _cell,
}  # fmt: skip


def _there(row: Any) -> Any:
    if row is None:
        raise Http404
    return row
