"""Briefs of a case: a version is written, a copy is given to a reader, words are taken out of what was written."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.http import Http404
from django.utils import timezone

from escalations import queries
from escalations.choices import Entry, Reason
from escalations.choices.briefs import (
    CURRENCIES,
    MAX_EXPOSURE,
    MAX_LINES,
    MAX_NAME,
    MAX_NEXT,
    MAX_PEOPLE,
    MAX_SITUATION,
    BriefLanguage,
    BriefLevel,
    Legal,
    Reach,
)
from escalations.models import Brief, BriefCopy, BriefWord, Case, EntryBody, TimelineEntry
from escalations.queries import brief_clocks
from escalations.queries import briefs as known_briefs
from escalations.rules import briefing
from escalations.rules.briefs.bounds import named_in, plain, width
from escalations.rules.briefs.building import Draft, Exposure, build
from escalations.rules.briefs.freezing import digest, frozen
from escalations.rules.briefs.levels import FULL, levels_for, narrower, reduced
from portal.accounts.rules import Actor

from ._base import Refused, add_entry, known, locked, moment, required, touch, trail, words
from .evidence import forget_packs
from .telling import tell

# Words of an entry that are shorter say too little to be looked for in what a writer wrote.
_LONG_ENOUGH_TO_QUOTE: Final = 12


@dataclass(frozen=True, slots=True)
class Writing:
    """What the writer says. `facts` and `deeds`: of the case's ledger and stream, by their entries; `who`: a user's id."""

    language: str
    level: str = FULL
    situation: str = ""
    neutral: str = ""
    facts: Sequence[int] = ()
    deeds: Sequence[int] = ()
    exposure: Exposure = field(default_factory=Exposure)
    next_step: str = ""
    who: int | None = None
    by: datetime | None = None


def write_brief(
    *, actor: Actor, ref: str | int, writing: Writing, zone: str = "UTC", after: int | None = None, at: datetime | None = None
) -> Brief:  # fmt: skip
    """The next version. `after`: the number of the latest one that the writer saw, if any was shown. Raises Refused, also
    where a text that goes further than the case names somebody, and Http404."""
    when = moment(at)
    _check(writing)
    with locked(actor, ref) as case:
        acting = required(actor, briefing.can_brief(actor, queries.facts_of(actor, case)))
        last = known_briefs.newest_brief(case)
        number = last.version if last else 0
        if after is not None and after != number:
            raise Refused(Reason.BRIEF_OVERTAKEN, number=str(number))
        content = reduced(build(_draft(case, writing, zone, when)), writing.level)
        return _keep(acting, case, number + 1, writing.level, content, when)


def _check(writing: Writing) -> None:
    """Everything that can be said without the case. Raises Refused."""
    known(writing.language, BriefLanguage.values)
    known(writing.level, BriefLevel.values)
    stake = writing.exposure
    known(stake.legal or Legal.NONE, Legal.values)
    known(stake.reach or Reach.NONE, Reach.values)
    if stake.money is not None:
        known(stake.currency, CURRENCIES)
    sizes = ((stake.people, MAX_PEOPLE), (len(writing.facts), MAX_LINES), (len(writing.deeds), MAX_LINES))
    if any(size is not None and not 0 <= size <= most for size, most in sizes):
        raise Refused(Reason.UNKNOWN_VALUE)
    bounds = (
        (writing.situation, MAX_SITUATION), (writing.neutral, MAX_SITUATION), (writing.next_step, MAX_NEXT),
        (stake.legal_words, MAX_EXPOSURE), (stake.reach_words, MAX_EXPOSURE),
    )  # fmt: skip
    if any(width(plain(text)) > limit for text, limit in bounds):
        raise Refused(Reason.TEXT_TOO_LONG)
    if not plain(writing.situation if writing.level == FULL else writing.neutral):
        raise Refused(Reason.BRIEF_SAYS_NOTHING)


def _draft(case: Case, writing: Writing, zone: str, at: datetime) -> Draft:
    """What the writer says with what stands in the case now. Raises Refused."""
    marks = known_briefs.marks_of(case)
    stake = writing.exposure
    named = [one for text in (writing.neutral, writing.next_step, stake.legal_words, stake.reach_words) for one in named_in(text, marks)]  # fmt: skip
    if named:
        raise Refused(Reason.BRIEF_NAMES, names=", ".join(dict.fromkeys(named)))
    return Draft(
        language=writing.language,
        zone=zone,
        matter=known_briefs.matter_of(case),
        clocks=brief_clocks.clocks_at(case, at),
        facts=_picked(known_briefs.facts_for_brief(case), writing.facts),
        deeds=_picked(known_briefs.deeds_for_brief(case), writing.deeds)[::-1],
        situation=writing.situation,
        neutral=writing.neutral,
        exposure=stake,
        next_step=writing.next_step,
        who=_who(case, writing.who),
        by=writing.by,
        marks=marks,
    )


def _picked(rows: Sequence[Any], entries: Collection[int]) -> list[Any]:
    """Those of the case's rows that were picked. Raises Refused for one that is not there (any more)."""
    found = [row for row in rows if row.entry in set(entries)]
    if len(found) != len(set(entries)):
        raise Refused(Reason.BRIEF_SOURCE_GONE)
    return found


def _who(case: Case, user_id: int | None) -> int | None:
    if user_id is not None and user_id not in {one.user_id for one in known_briefs.readers_of(case)}:
        raise Refused(Reason.UNKNOWN_VALUE)
    return user_id


def _keep(acting: Actor, case: Case, number: int, level: str, content: dict[str, Any], at: datetime) -> Brief:
    kept, texts = frozen(content, lambda: secrets.token_hex(16))
    entry = add_entry(
        case, acting, Entry.BRIEF, "brief.made", at,
        params={"version": number, "level": level}, text=_opening(content),
    )  # fmt: skip
    brief = Brief.objects.create(
        case=case, version=number, level=level, content=kept, sha256=digest(kept), at=at, by_id=_person(acting), entry=entry
    )  # fmt: skip
    BriefWord.objects.bulk_create(
        BriefWord(brief=brief, number=one.key, text=one.text, salt=one.salt, entry_id=one.entry or entry.pk) for one in texts
    )  # fmt: skip
    touch(case, at)
    trail(acting, "case.brief_made", case, {"entry": entry.pk, "brief": number, "level": level})
    return brief


def _opening(content: dict[str, Any]) -> str:
    """The words that stand on the entry: with them the writer's words of the brief can be removed."""
    said = content["situation"]
    return str((said.get("words") or said["neutral"])["words"])


def _person(acting: Actor) -> int:
    """Briefs are signed. Raises Refused for the system."""
    if acting.user_id is None:
        raise Refused(Reason.NOT_YOUR_ROLE)
    return acting.user_id


def give_brief(
    *,
    actor: Actor,
    ref: str | int,
    version: int,
    level: str,
    reader_id: int | None = None,
    name: str = "",
    reason: str = "",
    at: datetime | None = None,
) -> BriefCopy:
    """A copy of a version for one reader: somebody of the portal who may see the case, who is told; or, with a reason and by
    its owner or a lead, a name without an account. Raises Refused, Http404."""
    when, outside = moment(at), plain(name)
    if (reader_id is None) is not bool(outside) or len(outside) > MAX_NAME:
        raise Refused(Reason.BRIEF_READER_UNKNOWN)
    why = words(reason, needed=Reason.REASON_NEEDED if outside else "")
    with locked(actor, ref) as case:
        rule = briefing.can_brief_outside if outside else briefing.can_brief
        acting = required(actor, rule(actor, queries.facts_of(actor, case)))
        brief = Brief.objects.filter(case=case, version=version).first()
        if brief is None:
            raise Http404
        _check_level(case, brief, level, reader_id)
        params = {"version": version, "level": level, "user": reader_id}
        entry = add_entry(case, acting, Entry.BRIEF, "brief.given", when, params=params, text=why)
        mark = {"brief": brief.sha256, "level": level, "reader": reader_id or outside, "at": when.isoformat()}
        copy = BriefCopy.objects.create(
            brief=brief, reader_id=reader_id, name=outside, level=level, at=when, by_id=_person(acting), entry=entry,
            sha256=digest(mark),
        )  # fmt: skip
        touch(case, when)
        trail(
            acting, "case.brief_given", case, {"entry": entry.pk, "brief": version, "level": level, "user": reader_id}
        )
        if reader_id not in (None, actor.user_id):
            tell("case.brief", str(copy.pk), {"case": case.pk, "user": reader_id, "copy": copy.pk})
        return copy


def _check_level(case: Case, brief: Brief, level: str, reader_id: int | None) -> None:
    """Whether this reader may be given the brief at this level, for the first time. Raises Refused."""
    known(level, BriefLevel.values)
    inside = False
    if reader_id is not None:
        found = next((one for one in known_briefs.readers_of(case) if one.user_id == reader_id), None)
        if found is None:
            raise Refused(Reason.BRIEF_READER_UNKNOWN)
        inside = found.inside
        if BriefCopy.objects.filter(brief=brief, reader=reader_id).exists():
            raise Refused(Reason.BRIEF_GIVEN_ALREADY)
    if level not in levels_for(in_portal=reader_id is not None, inside=inside):
        raise Refused(Reason.BRIEF_LEVEL_TOO_FULL)
    if level not in narrower(brief.level):
        raise Refused(Reason.BRIEF_WRITTEN_NARROWER)
    if level != FULL and not brief.content["situation"].get("neutral"):
        raise Refused(Reason.BRIEF_WITHOUT_NEUTRAL)
    if level != FULL and (named := known_briefs.named_by_now(case, brief, level)):
        raise Refused(Reason.BRIEF_NAMES_SINCE, names=", ".join(named))


def forget_in_briefs(entry: TimelineEntry, words_gone: str, by_id: int | None) -> None:
    """The words of an entry were removed: they go from every brief that quotes it, of whatever case shows or showed it, and
    with them each text of a writer in which they stand as they stood there, on the entry of the brief too."""
    cases, gone_by = queries.showing(entry), {"redacted_at": timezone.now(), "redacted_by": by_id}
    rows = BriefWord.objects.filter(brief__case__in=cases, redacted_at=None)
    gone = rows.filter(entry=entry)
    quoted = plain(words_gone)
    if len(quoted) >= _LONG_ENOUGH_TO_QUOTE:
        gone |= rows.filter(text__icontains=quoted)
        openings = Brief.objects.filter(case__in=cases).values("entry")
        bodies = EntryBody.objects.filter(entry__in=openings, redacted_at=None, text__icontains=quoted)
        held = set(bodies.values_list("entry__case", flat=True))
        bodies.update(text="", **gone_by)
        for case in Case.objects.filter(pk__in=held - {entry.case_id}).defer("search").order_by("pk"):
            forget_packs(case)
    gone.update(text="", salt="", **gone_by)
