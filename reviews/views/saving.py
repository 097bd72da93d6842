"""How forms and buttons of the wing answer: what is refused, and the second of two editors told what changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from portal.ui import versioned

from ..forms.base import VersionedForm
from ..wording import refusal_text


@dataclass(frozen=True, slots=True)
class FormPage:
    """A form's page: its title, the words on its button, where "Cancel" leads, the way up as (address, label), and what it comes out of."""

    title: str
    button: str
    cancel_url: str
    parents: tuple[tuple[str, str], ...] = ()
    source: str = ""


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent; None fills a form from its initial values."""
    return request.POST if request.method == "POST" else None


def edit(
    request: HttpRequest, form: VersionedForm, page: FormPage, save: Callable[[], tuple[str, str]],
    now: Callable[[Any], Mapping[str, Any]], subject: str, template: str = "reviews/form.html",
) -> HttpResponse:  # fmt: skip
    """Show a form of the wing, or save it: `portal.ui.versioned.edit`."""

    def show(status: int, conflict: str) -> HttpResponse:
        return render(request, template, {"form": form, "page": page, "conflict": conflict}, status=status)

    return versioned.edit(request, form, save, now, subject, show)


def press(request: HttpRequest, act: Callable[[], Any], url: str, text: str) -> HttpResponse:
    """Answer a button: do it, go to the address, and say there what happened or why not."""
    return versioned.press(request, act, url, text, lambda refused: refusal_text(refused.code, refused.params))
