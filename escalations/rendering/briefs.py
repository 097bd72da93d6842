"""A brief in words, in the language that it was written in: the same for its page and for its PDF, which is one page long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from escalations.choices.briefs import BriefLevel
from escalations.models import Brief, BriefCopy
from escalations.queries import briefs as queries
from escalations.rules.briefs.levels import FULL, INTERNAL, reduced
from portal.naming import in_language
from portal.ui import pdf
from portal.ui.times import stamp_text

from .brief_changes import change_rows
from .brief_lines import Row, removed_in, rows_of

if TYPE_CHECKING:
    from weasyprint import Document

SHEETS: Final = (pdf.STYLE_SHEET, settings.BASE_DIR / "static" / "css" / "pdf-brief.css")
#: Sizes of type in `pdf-brief.css`, the usual one first; each next one is smaller.
SIZES: Final = 9


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its rows; `empty` stands where there are none."""

    key: str
    title: str
    rows: Sequence[Row]
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A brief as one reader has it."""

    lang: str
    title: str
    about: Sequence[str]
    sections: Sequence[Section]
    foot: Sequence[str]
    removed: bool = False


@contextmanager
def spoken(content: Mapping[str, Any]) -> Iterator[None]:
    """In the language of a brief, and by the clock of its place."""
    with translation.override(content["language"]), timezone.override(ZoneInfo(content["zone"])):
        yield


def sheet_of(brief: Brief, level: str, copy: BriefCopy | None = None) -> Sheet:
    """A version at a level, with what changed since the one before. Six queries at most, whatever stands in it."""
    before = queries.version_before(brief)
    held = [reduced(one, level) for one in queries.content_of(*([brief, before] if before else [brief]))]
    now = held[0]
    with spoken(now):
        names = queries.names_in(held, level)
        changes = change_rows(held[1], now, names) if before else []
        return Sheet(
            lang="zh-Hans" if now["language"].startswith("zh") else now["language"],
            title=_("Brief of %(ref)s") % {"ref": f"EC-{brief.case_id}"},
            about=list(_about(brief, now, level)),
            sections=[*_sections(now, names), _changed(before, changes)],
            foot=list(_foot(brief, level, copy)),
            removed=any(removed_in(one) for one in now.values()),
        )


def _about(brief: Brief, content: Mapping[str, Any], level: str) -> Iterator[str]:
    yield _("Version %(number)s") % {"number": brief.version}
    yield stamp_text(brief.at)
    yield content["zone"]
    if level == FULL:
        yield _("Written by %(name)s") % {"name": brief.by.name}
    elif level == INTERNAL:
        yield in_language(content["case"]["service"]["name"], content["case"]["service"]["name_zh"])
    yield str(BriefLevel(level).label)


def _sections(content: Mapping[str, Any], names: Any) -> Iterator[Section]:
    titles = {
        "case": (_("The case"), ""),
        "situation": (_("Situation"), _("Nothing was said.")),
        "known": (_("What we know"), _("No fact was picked.")),
        "did": (_("What we did"), _("Nothing was picked.")),
        "exposure": (_("Exposure"), _("None is known.")),
        "next": (_("Next step"), _("None was named.")),
    }
    for key, (title, empty) in titles.items():
        yield Section(key, title, rows_of(key, content, names), empty)


def _changed(before: Brief | None, rows: Sequence[Row]) -> Section:
    if before is None:
        return Section("changed", _("What changed"), [], _("This is the first version."))
    title = _("What changed since version %(number)s") % {"number": before.version}
    return Section("changed", title, rows, _("Nothing that this level tells."))


def _foot(brief: Brief, level: str, copy: BriefCopy | None) -> Iterator[str]:
    if copy is None:
        yield f"SHA-256 {brief.sha256}"
        return
    words = {
        "reader": copy.reader.name if copy.reader else copy.name,
        "level": BriefLevel(level).label,
        "number": brief.version,
        "time": stamp_text(copy.at),
    }
    yield _("Copy for %(reader)s · %(level)s · version %(number)s · %(time)s") % words
    yield f"SHA-256 {copy.sha256}"


def body_of(sheet: Sheet) -> SafeString:
    """The brief as markup, for the page and for paper."""
    with translation.override("zh-hans" if sheet.lang == "zh-Hans" else sheet.lang):
        return render_to_string("escalations/_brief.html", {"sheet": sheet})


def pdf_of(sheet: Sheet) -> bytes:
    """The brief on one page of A4. Raises NoPangoError."""
    return bytes(drawn(sheet).write_pdf(pdf_variant="pdf/ua-1") or b"")


def drawn(sheet: Sheet) -> Document:
    """The page as it is printed, in smaller type where its words need the room. Raises NoPangoError."""
    for size in range(SIZES):
        found = pdf.laid_out(markup_of(sheet, size), SHEETS)
        if len(found.pages) == 1:
            break
    return found


def markup_of(sheet: Sheet, size: int = 0) -> str:
    """What is drawn."""
    return render_to_string("escalations/brief_pdf.html", {"sheet": sheet, "body": body_of(sheet), "size": size})
