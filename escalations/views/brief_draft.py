"""What a writer begins with: the case's own facts and doings, and what the last version said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from escalations.choices import Impact, Signal
from escalations.choices.briefs import MAX_LINES, BriefLanguage, BriefLevel, Legal, Reach
from escalations.choices.facts import label_of
from escalations.forms.briefs import BriefForm
from escalations.queries import briefs as known
from escalations.queries import outer_due
from escalations.rendering.brief_lines import deed_text
from escalations.rules.briefs.bounds import named_in, shortened
from portal.ui.times import time_text

if TYPE_CHECKING:
    from django.http import HttpRequest, QueryDict

    from escalations.models import Case
    from escalations.rules.briefs.building import Deed, Fact

_SHOWN = 90


def zone_for(case: Case) -> str:
    """By which clock the brief tells time: that of the case's site, else the writer's."""
    return case.site.time_zone if case.site else timezone.get_current_timezone_name()


def drafted(request: HttpRequest, case: Case, data: QueryDict | None = None) -> BriefForm:
    """The form of the next version."""
    facts, deeds = known.facts_for_brief(case), known.deeds_for_brief(case)
    last = known.newest_brief(case)
    before = known.content_of(last)[0] if last else None
    marks = known.marks_of(case)
    initial = _initial(case, before, facts, deeds, marks)
    initial |= {"after": last.version if last else 0, "level": last.level if last else BriefLevel.FULL}
    return BriefForm(
        data, initial=initial, marks=marks, facts=_fact_choices(facts), deeds=_deed_choices(deeds),
        people=[(one.user_id, one.name) for one in known.readers_of(case) if one.inside],
    )  # fmt: skip


def _fact_choices(facts: Sequence[Fact]) -> list[tuple[int, str]]:
    return [
        (one.entry, f"{label_of(one.key)}: {shortened(one.words, _SHOWN)}" if one.key else shortened(one.words, _SHOWN))
        for one in facts
    ]


def _deed_choices(deeds: Sequence[Deed]) -> list[tuple[int, str]]:
    names = known.names_in([{"did": [vars_of(one) for one in deeds], "next": {}}], BriefLevel.FULL)
    lines = [(one, deed_text(vars_of(one), names)) for one in deeds]
    return [
        (one.entry, " · ".join(part for part in (time_text(one.at, "full"), text, shortened(one.words, _SHOWN)) if part))
        for one, text in lines
    ]  # fmt: skip


def vars_of(deed: Deed) -> dict[str, Any]:
    """A deed as content holds it, as far as its sentence needs it."""
    return {"code": deed.code, "params": deed.params}


def _initial(
    case: Case, before: dict[str, Any] | None, facts: Sequence[Fact], deeds: Sequence[Deed], marks: Sequence[str]
) -> dict[str, Any]:
    """What the last version said; without one, what the case says."""
    picked = {"facts": [one.entry for one in facts[-MAX_LINES:]], "deeds": [one.entry for one in deeds[:MAX_LINES]]}
    if before is not None:
        return picked | _from_last(before)
    language = translation.get_language() or ""
    first = {
        "language": BriefLanguage.ZH if language.startswith("zh") else BriefLanguage.EN,
        "situation": case.subject,
        "neutral": _neutral(case, marks),
        "legal": Legal.POSSIBLE if case.impact == Impact.LEGAL else "",
        "reach": Reach.POSSIBLE if case.impact == Impact.REACH or Signal.PRESS in case.signals else "",
        "who": case.owner_id,
        # It stands in copies for partner users, too.
        "by": _to_come(outer_due(case)),
    }
    return picked | first


def _neutral(case: Case, marks: Sequence[str]) -> str:
    """The matter by its kind: nothing that a person wrote about another."""
    if case.issue_type is None:
        return ""
    text = _("A case of %(service)s: %(issue)s.") % {"service": case.service.label, "issue": case.issue_type.label}
    return "" if named_in(text, marks) else text


def _from_last(before: dict[str, Any]) -> dict[str, Any]:
    stake, held, step = before["exposure"], before["situation"], before["next"]
    return {
        "language": before["language"],
        "situation": _said(held.get("words")),
        "neutral": _said(held.get("neutral")),
        "money": stake.get("money"),
        "currency": stake.get("currency"),
        "people": stake.get("people"),
        "legal": stake.get("legal"),
        "legal_words": _said(stake.get("legal_words")),
        "reach": stake.get("reach"),
        "reach_words": _said(stake.get("reach_words")),
        "next_step": _said(step.get("words")),
        "who": step.get("who"),
        "by": _to_come(datetime.fromisoformat(step["by"])) if step.get("by") else None,
    }


def _to_come(at: datetime | None) -> datetime | None:
    """No next step is proposed for a time gone by."""
    return at if at is not None and at > timezone.now() else None


def _said(held: dict[str, Any] | None) -> str:
    return str(held["words"]) if held else ""
