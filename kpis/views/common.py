"""What stands at the head of every page of figures."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.ui.templatetags.ui import crumbs

from ..access.subjects import Subject
from ..choices import Grain
from ..queries.trends import Freshness, freshness
from ..wording.periods import day_text, period_text, short_text
from .asked import NONE, PREVIOUS, WITH, YEAR, Asked
from .hows import choices_of, said_of


def head_of(
    subject: Subject, asked: Asked, *, numbers: Sequence[int] = (), fresh: Mapping[int, Freshness] | None = None,
    here: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Title, breadcrumbs, period, comparison, way of counting and freshness, for the head's template.

    `numbers`: versions of formulas to choose from. `here`: what the page is called, if it is not the subject's own.
    """
    period, today = asked.period, subject.today
    following = period.previous(-1)
    known = (
        freshness(subject.site_ids, {one.pk: one.newest for one in subject.sites}, period) if fresh is None else fresh
    )
    return {
        "subject": subject,
        "asked": asked,
        "view": asked.query(),
        "crumbs": _crumbs(subject, asked, here),
        "period_name": period_text(period),
        "day_of": _("day %(day)d of %(days)d") % {"day": (today - period.first).days + 1, "days": period.days}
        if period.first <= today < period.last
        else "",
        "data_to": day_text(subject.newest) if subject.newest else "",
        **_freshness(known),
        "grains": [(Grain(grain).label, key, grain == period.grain) for grain, key in asked.grains(subject.newest)],
        "earlier": (period.previous().key, period_text(period.previous())),
        "later": (following.key, period_text(following)) if following.first <= today else None,
        "compared": compared_text(asked, subject),
        "comparisons": [
            (PREVIOUS, period_text(period.previous())), (YEAR, period_text(period.year_before())), (NONE, _("Nothing")),
        ],
        "other_sites": [(one.code, one.label) for one in sorted(_others(subject), key=lambda one: one.label)],
        "kept": asked.view(compare=""),
        "formulas": choices_of(asked, numbers),
        "excluding": [("", _("Left out, as in contracts"), not asked.excluded), (WITH, _("Counted as well"), asked.excluded)],
        "counting": said_of(asked),
        "nav_key": "network" if subject.kind in {"network", "partner"} else "scorecards",
    }  # fmt: skip


def _crumbs(subject: Subject, asked: Asked, here: str) -> str:
    """The way up, with the whole view: whoever goes back sees what they came from."""
    steps = list(subject.trail)
    if here:
        steps.append((subject.url, subject.label or _("Network")))
    if not steps:
        return ""
    linked = [(f"{url}{asked.query()}" if url else "", label) for url, label in steps]
    return crumbs(*(part for step in (*linked, ("", here or subject.label)) for part in step))


def _freshness(known: Mapping[int, Freshness]) -> dict[str, Any]:
    """When the figures of the period were last made, how many days are being made again, how many sites are behind the others."""
    newest = [one.newest for one in known.values() if one.newest]
    behind = sum(one.newest is None or one.newest < max(newest) for one in known.values()) if newest else 0
    waiting = sum(one.waiting for one in known.values())
    return {
        "made_at": max((one.made_at for one in known.values() if one.made_at), default=None),
        "late": ngettext("%(n)d site behind", "%(n)d sites behind", behind) % {"n": behind} if behind else "",
        "waiting": ngettext("%(n)d day being counted anew", "%(n)d days being counted anew", waiting) % {"n": waiting}
        if waiting
        else "",
    }


def _others(subject: Subject) -> list[Any]:
    """The sites that this one can be compared with."""
    own = {subject.site.pk} if subject.site else set()
    return [site for site in subject.peers if site.pk not in own]


def compared_text(asked: Asked, subject: Subject) -> str:
    """With what the figures are compared."""
    if asked.other:
        return short_text(asked.other)
    if not asked.other_site:
        return _("nothing")
    return next((one.label for one in subject.peers if one.code == asked.other_site), asked.other_site)
