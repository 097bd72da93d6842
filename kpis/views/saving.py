"""How forms and buttons about definitions answer: what is refused, and the second of two editors told what changed."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.ui import versioned
from portal.ui.versioned import conflict_text

from ..forms.definitions import VersionedForm
from ..wording.formulas import refusal_text

__all__ = ["conflict_text", "edit", "press"]


def edit(
    request: HttpRequest,
    form: VersionedForm,
    page: dict[str, Any],
    save: Callable[[], tuple[str, str]],
    now: Callable[[Any], dict[str, Any]],
    subject: str,
) -> HttpResponse:
    """Show a form about definitions, or save it: `portal.ui.versioned.edit`."""

    def show(status: int, conflict: str) -> HttpResponse:
        context = {"form": form, "page": page, "conflict": conflict}
        return render(request, "kpis/definition_form.html", context, status=status)

    return versioned.edit(request, form, save, now, subject, show)


def press(request: HttpRequest, act: Callable[[], Any], url: str, text: str) -> HttpResponse:
    """Answer a button: do it, go to the address, and say there what happened or why not."""
    return versioned.press(request, act, url, text, lambda refused: refusal_text(refused.code, refused.params))
