"""Themes, by which observations and findings are sorted."""

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of

from ..access import visits as access
from ..actions.findings import keep_theme
from ..forms.checklists import NamedForm, NewNamedForm
from ..queries import findings as queries
from .saving import FormPage, edit, posted


@require_safe
@require_actor
def themes(request: HttpRequest) -> HttpResponseBase:
    """All themes."""
    actor = actor_of(request)
    access.permit_reading(actor)
    return render(
        request, "reviews/themes.html", {"rows": queries.themes(), "may_edit": access.edits_checklists(actor)}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def theme_new(request: HttpRequest) -> HttpResponseBase:
    """A theme that is not there yet."""
    actor = actor_of(request)
    access.permit_editing(actor)
    form = NewNamedForm(posted(request))

    def save() -> tuple[str, str]:
        data = form.cleaned_data
        keep_theme(actor=actor, code=data["code"], seen=None, name=data["name"], name_zh=data["name_zh"])
        return reverse("reviews:themes"), _("Theme added")

    return edit(request, form, _page(_("New theme"), _("Add theme")), save, NamedForm.initial_from, "theme")


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def theme(request: HttpRequest, code: str) -> HttpResponseBase:
    """Another name."""
    actor = actor_of(request)
    access.permit_editing(actor)
    found = queries.theme_by(code)
    if found is None:
        raise Http404
    form = NamedForm(posted(request), initial=NamedForm.initial_from(found))

    def save() -> tuple[str, str]:
        data = form.cleaned_data
        keep_theme(actor=actor, code=code, seen=form.seen_version, name=data["name"], name_zh=data["name_zh"])
        return reverse("reviews:themes"), _("Saved")

    return edit(request, form, _page(found.label, _("Save")), save, NamedForm.initial_from, "theme")


def _page(title: str, button: str) -> FormPage:
    url = reverse("reviews:themes")
    return FormPage(title, button, url, ((url, _("Themes")),))
