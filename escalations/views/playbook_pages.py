"""What the pages of playbooks share: which one is edited, its forms and its buttons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from escalations import access
from escalations.forms.playbooks import refusal_words
from portal.accounts.requests import actor_of
from portal.ui import versioned

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from escalations.forms.playbooks import PlaybookForm, StepEditForm
    from escalations.models import Playbook


def posted(request: HttpRequest) -> Any:
    """What was sent; None fills a form from its initial values."""
    return request.POST if request.method == "POST" else None


def editable(request: HttpRequest, pk: int) -> Playbook:
    """A playbook that the reader edits. Raises Http404, PermissionDenied."""
    book = access.get_playbook(actor_of(request), pk)
    access.permit_playbooks_of(actor_of(request), book.service_id)
    return book


def url_of(pk: int) -> str:
    """Where a playbook is looked at."""
    return reverse("escalations:playbook", args=[pk])


def page_of(book: Playbook, title: str) -> dict[str, str]:
    """What its forms are headed by, and where they lead."""
    return {
        "title": title,
        "button": _("Save"),
        "cancel_url": url_of(book.pk),
        "up_url": url_of(book.pk),
        "up": book.label,
    }


def edit(
    request: HttpRequest,
    form: PlaybookForm | StepEditForm,
    page: dict[str, str],
    save: Callable[[], tuple[str, str]],
    now: Callable[[Any], Mapping[str, Any]],
) -> HttpResponse:
    """Show a form, or save it; the second of two editors is told what changed."""

    def show(status: int, conflict: str) -> HttpResponse:
        context = {"form": form, "page": page, "conflict": conflict}
        return render(request, "escalations/playbook_form.html", context, status=status)

    return versioned.edit(request, form, save, now, "playbook", show)


def press(request: HttpRequest, pk: int, act: Callable[[], Any], text: str, fragment: str = "") -> HttpResponse:
    """Answer a button."""
    return versioned.press(request, act, f"{url_of(pk)}{fragment}", text, refusal_words, subject="playbook")
