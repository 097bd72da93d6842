"""What the page of a pack shows, in the reader's words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse

from kpis.wording.periods import period_text
from portal.accounts.rules import Actor

from ..blocks import Text
from ..choices import PackState, Side
from ..forms.packs import CommentForm, ReviseForm
from ..models import Acknowledgement, Action, Comment, Line, Pack
from ..queries import packs as queries
from ..queries.content import draft_hash
from ..queries.jobs import place_of, scope_label
from ..rendering.shown import Shown, ShownRow, ShownSection, sections_of
from ..rendering.view import zone_of
from ..rules import standing
from ..rules.actions import may_raise
from ..rules.standing import Place
from ..wording.packs import told
from .pack_files import progress_of

# Whole packs and lines that were opened for a comment.
type Opened = Mapping[int | None, CommentForm]


@dataclass(frozen=True, slots=True)
class Subject:
    """A line with its row of the pack, what was said of it, and the form for saying more (None for those who only read).

    `actions`: what was raised out of it, as far as the reader sees that; `raise_url`: where they raise one, "" if they do not.
    """

    line: Line
    name: str
    row: ShownRow | None
    section: str
    comments: Sequence[Comment]
    form: CommentForm | None
    actions: Sequence[Action]
    raise_url: str


@dataclass(frozen=True, slots=True)
class SideShown:
    """A side: its name, and the acknowledgement that holds for the pack as it stands (None: not yet, or void)."""

    label: str
    given: Acknowledgement | None
    void: Acknowledgement | None


@dataclass(frozen=True, slots=True)
class May:
    """What the reader may do with a pack now; `side`: for whom they speak."""

    side: str
    comment: bool
    acknowledge: bool
    publish: bool
    revise: bool


def context_of(actor: Actor, pack: Pack, opened: Opened, revise: ReviseForm | None = None) -> dict[str, Any]:
    """All of a pack's page."""
    sections = sections_of(pack.data or {}, zone_of(pack))
    seen = draft_hash(pack) if pack.state != PackState.WAITING else ""
    later = queries.superseded(pack)
    sides, subjects = _sides(pack, seen), queries.lines_of(pack)
    may = _may(actor, pack, later, sides, subjects)
    raised, urls = queries.raised_from(actor, pack), raising_urls(actor, subjects)
    rows = _subjects(subjects, sections, may, opened, raised, urls)
    return {
        "pack": pack, "title": pack.kind.label, "about": scope_label(pack), "period": period_name(pack), "later": later,
        "sections": acting(sections, subjects, urls), "missing": missing_of(pack), "seen": seen, "sides": sides, "may": may,
        "exceptions": [one for one in rows if one.line.needs_comment],
        "others": [one for one in rows if not one.line.needs_comment and (one.comments or one.actions or may.comment)],
        "comments": queries.general_comments(pack), "form": _form(opened, None) if may.comment else None,
        "revise_form": (revise or ReviseForm()) if may.revise else None, "revisions": list(queries.revisions_of(pack)),
        "check_url": f"{reverse('reviews:check')}?hash={pack.content_hash or seen}", **progress_of(actor, pack, seen),
    }  # fmt: skip


def period_name(pack: Pack) -> str:
    """The pack's period in words."""
    return period_text(queries.period_of_pack(pack))


def missing_of(pack: Pack) -> list[str]:
    """What could not be said, in words."""
    return [told(Text(code=one["code"], params=one["params"])) for one in pack.missing]


def raising_urls(actor: Actor, lines: Sequence[Line]) -> dict[int, str]:
    """Where the reader raises an action out of a line, for the lines of places at which they may. No query."""
    url = reverse("reviews:action_new")
    return {line.pk: f"{url}?from=pack:{line.pk}" for line in lines if _may_raise(actor, line)}


def _may_raise(actor: Actor, line: Line) -> bool:
    site = line.site
    return (
        site is not None and site.archived_at is None and may_raise(actor, Place(site.pk, site.partner_id)) is not None
    )


def acting(sections: list[ShownSection], lines: Sequence[Line], urls: Mapping[int, str]) -> list[ShownSection]:
    """The sections, with the way to an action at each row that is a line of the pack."""
    known = {(line.section, line.key): urls[line.pk] for line in lines if line.pk in urls}
    return [
        replace(section, blocks=tuple(_acting(block, section.code, known) for block in section.blocks))
        for section in sections
    ]


def _acting(block: Shown, section: str, known: Mapping[tuple[str, str], str]) -> Shown:
    if not any((section, row.key) in known for row in block.lines):
        return block
    rows = tuple(replace(row, raise_url=known.get((section, row.key), "")) for row in block.lines)
    return replace(block, lines=rows, raises=True)


def _subjects(
    lines: Sequence[Line], sections: list[ShownSection], may: May, opened: Opened, raised: Mapping[int, Sequence[Action]], urls: Mapping[int, str]
) -> list[Subject]:  # fmt: skip
    rows = {
        (section.code, row.key): (row, section.title)
        for section in sections
        for block in section.blocks
        for row in block.lines
    }
    return [
        _subject(line, rows.get((line.section, line.key)), _form(opened, line.pk) if may.comment else None,
                 raised.get(line.pk, ()), urls.get(line.pk, ""))
        for line in lines
    ]  # fmt: skip


def _subject(
    line: Line, found: tuple[ShownRow, str] | None, form: CommentForm | None, actions: Sequence[Action], raise_url: str
) -> Subject:  # fmt: skip
    row, section = found or (None, "")
    return Subject(line, _name(line, row), row, section, list(line.comments.all()), form, actions, raise_url)


def _name(line: Line, row: ShownRow | None) -> str:
    """As the pack froze it, where it has a row of its own."""
    if row is not None:
        return row.title
    name = line.kpi.label if line.kpi else line.key
    return f"{line.site.label} · {name}" if line.site and ":" in line.key else name


def _form(opened: Opened, line: int | None) -> CommentForm:
    return opened.get(line) or CommentForm(line=line)


def _sides(pack: Pack, seen: str) -> list[SideShown]:
    given = queries.acknowledgements_of(pack)
    return [
        SideShown(
            str(Side(side).label),
            next((one for one in given if one.side == side and one.content_hash == seen), None),
            next((one for one in reversed(given) if one.side == side and one.content_hash != seen), None),
        )
        for side in queries.sides_needed(pack)
    ]


def _may(actor: Actor, pack: Pack, later: bool, sides: Sequence[SideShown], lines: Sequence[Line]) -> May:
    speaks = queries.side_at(actor, pack)
    side = speaks[0] if speaks else ""
    draft = pack.state == PackState.DRAFT and not later
    explained = not any(line.needs_comment and not line.comments.all() for line in lines)
    mine = next((one for one in sides if side and one.label == str(Side(side).label)), None)
    publishes = standing.publishing(actor, place_of(pack)) is not None
    runs = standing.running(actor, place_of(pack)) is not None
    return May(
        side=side, comment=draft and bool(side),
        acknowledge=draft and explained and mine is not None and mine.given is None,
        publish=draft and publishes and explained and all(one.given for one in sides),
        revise=not later and (publishes if pack.state == PackState.PUBLISHED else runs and pack.state == PackState.DRAFT),
    )  # fmt: skip
