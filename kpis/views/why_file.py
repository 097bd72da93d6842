"""Why it moved, as a file."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from portal.accounts.rules import Actor

from ..access.subjects import Subject
from .asked import Asked
from .entries import Entry
from .exporting import sent
from .parts import HEADS


def export(
    request: HttpRequest, actor: Actor, subject: Subject, asked: Asked, context: Mapping[str, Any]
) -> HttpResponseBase:
    """The parts as a file."""
    words = [*_words(context)]
    lines: list[list[object]] = [
        [
            line.label, *_cells(line.before), *_cells(line.after), line.share_before, line.share_after, line.mix, line.rate,
            line.effect,
        ]
        for line in context.get("lines", ())
    ]  # fmt: skip
    return sent(
        request, actor, subject, asked, words, lines, name=f"why-{context['kpi'].code}", compared=context["from_name"]
    )


def _words(context: Mapping[str, Any]) -> list[str]:
    before, after = context["from_name"], context["period_name"]
    found = [str(HEADS[context["by"]])]
    for name in (before, after):
        found += [f"{context['kpi'].label}, {name}", f"n, {name}", _("Interval (95%%), %(period)s") % {"period": name}]
    return [*found, _("Share before"), _("Share now"), _("Mix"), _("Rate"), _("Together")]


def _cells(entry: Entry) -> list[object]:
    value = entry.reading.value
    return ["" if value is None else float(value), entry.n, entry.interval]
