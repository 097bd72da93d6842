"""A playbook as a case would show it, in either language; answers are tried out and nothing is kept."""

from __future__ import annotations

from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from escalations import access
from escalations.models import PlaybookStep
from escalations.queries.playbooks import plain_steps
from escalations.rules.playbooks import Mark, asked_steps
from escalations.views.playbook_config import asked_version, edits
from portal.accounts.decorators import require_right
from portal.accounts.requests import actor_of
from portal.naming import in_language

LANGUAGES: Final = (("en", "English"), ("zh-hans", "简体中文"))


@require_safe
@require_right("see_internal")
def playbook_preview(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The steps that the answers in the address ask for."""
    actor = actor_of(request)
    book = access.get_playbook(actor, pk)
    may = edits(actor, book.service_id)
    shown = asked_version(request, [one for one in book.versions.all() if may or one.published_at])
    if shown is None:
        raise Http404
    rows = list(shown.steps.all())
    language = request.GET.get("lang", "")
    language = language if language in dict(LANGUAGES) else translation.get_language()
    plain = plain_steps(rows)
    marks = {row.key: Mark("done", request.GET.get(f"a-{row.key}", "")) for row in rows if row.answers}
    asked = {one.key for one in asked_steps(plain, marks)}
    with translation.override(language):
        lines = [_line(row, marks) for row in rows if row.key in asked]
        name = book.label
    kept = [(key, value) for key, value in request.GET.items() if key.startswith("a-") or key == "v"]
    context = {
        "book": book,
        "name": name,
        "shown": shown,
        "lines": lines,
        "asks": any(line["answers"] for line in lines),
        "language": language,
        "languages": LANGUAGES,
        "kept": kept,
    }
    return render(request, "escalations/playbook_preview.html", context)


def _line(row: PlaybookStep, marks: dict[str, Mark]) -> dict[str, Any]:
    """A step in the language that is tried."""
    chosen = marks[row.key].answer if row.key in marks else ""
    answers = [(one["key"], in_language(one["text"], one["text_zh"]), one["key"] == chosen) for one in row.answers]
    return {"step": row, "label": row.label, "help": row.help_text, "answers": answers}
