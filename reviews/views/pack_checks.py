"""Whether a file says what was published, and what a revision changed."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of

from ..access import packs as access
from ..blocks import Column, Text
from ..choices import PackState
from ..forms.packs import CheckForm
from ..models import Pack
from ..queries import packs as queries
from ..queries.jobs import scope_label
from ..rendering.view import zone_of
from ..rules.differences import GONE, NEW, Difference, differences
from ..wording.cells import cell_text, period_name
from ..wording.life import LIMITS
from ..wording.packs import told
from .pack_parts import period_name as period_of_pack


@dataclass(frozen=True, slots=True)
class Change:
    """A line of the page of changes: where, what, before and after; `came` "new" or "gone" for what has no values."""

    section: str
    where: str
    what: str
    before: str
    after: str
    came: str


@require_safe
@require_actor
def pack_changes(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What a revision says otherwise than the one before it."""
    actor = actor_of(request)
    found = access.get_pack(actor, pk)
    before = queries.revisions_of(found).filter(revision=found.revision - 1).first()
    if before is None:
        raise Http404
    made = differences(before.data or {}, found.data or {}) if found.state != PackState.WAITING else []
    context = {
        "pack": found, "before": before, "title": found.kind.label, "about": scope_label(found), "period": period_of_pack(found),
        "changes": _changes(made, zone_of(found)),
    }  # fmt: skip
    return render(request, "reviews/pack_changes.html", context)


@require_safe
@require_actor
def check(request: HttpRequest) -> HttpResponseBase:
    """A content hash, recomputed from the stored rows of the pack that has it."""
    actor = actor_of(request)
    access.permit_reading(actor)
    form = CheckForm(request.GET if "hash" in request.GET else None)
    asked = form.is_bound and form.is_valid()
    found = queries.with_hash(actor, form.cleaned_data["hash"]) if asked else None
    context = {"form": form, "asked": asked, "found": found}
    if found:
        context |= _named(found.pack)
    status = 422 if form.is_bound and not asked else 200
    return render(request, "reviews/check.html", context, status=status)


def _named(pack: Pack) -> dict[str, object]:
    return {"pack": pack, "title": pack.kind.label, "about": scope_label(pack), "period": period_of_pack(pack)}


def _changes(made: Iterable[Difference], zone: str) -> list[Change]:
    """The differences that can be read: one beyond the digits that are shown says nothing."""
    lines = [_change(one, zone) for one in made]
    return [line for line in lines if line.came or line.before != line.after]


def _change(one: Difference, zone: str) -> Change:
    where = " · ".join(text for text in (told(one.title), _row_name(one)) if text)
    came = one.what if one.what in {NEW, GONE} else ""
    column = Column(one.what, one.label, "change" if one.is_step else one.unit, unit=one.unit, decimals=one.decimals)
    before, after = (
        ("", "") if came else (cell_text(one.before, column, None, zone), cell_text(one.after, column, None, zone))
    )
    section = told(Text(code=f"section.{one.section}"))
    return Change(section, where or section, _what(one), before, after, came)


def _row_name(one: Difference) -> str:
    return period_name(told(one.name)) if one.name.en == one.row else told(one.name)


def _what(one: Difference) -> str:
    return told(one.label) or str(LIMITS.get(one.what, ""))
