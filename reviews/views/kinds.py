"""Kinds of review: the list, and which sections each is put together from."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of

from ..access import jobs as access
from ..actions import kinds as acts
from ..forms.jobs import KindForm, NewKindForm
from ..models import ReviewKind
from ..queries import jobs as queries
from ..queries.sections import SECTIONS, title_of
from ..wording.packs import told
from .saving import FormPage, edit, posted, press


@require_safe
@require_actor
def kinds(request: HttpRequest) -> HttpResponseBase:
    """Every kind with its sections in order."""
    actor = actor_of(request)
    access.permit_reading(actor)
    rows = ReviewKind.objects.prefetch_related("sections")
    lines = [(kind, [told(title_of(one.code)) for one in kind.sections.all() if one.code in SECTIONS]) for kind in rows]
    context = {
        "lines": [one for one in lines if one[0].archived_at is None], "archived": [one for one in lines if one[0].archived_at],
        "may_change": queries.configures(actor),
    }  # fmt: skip
    return render(request, "reviews/kinds.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def kind_new(request: HttpRequest) -> HttpResponseBase:
    """A kind that is not there yet."""
    actor = actor_of(request)
    access.permit_kinds(actor)
    form = NewKindForm(posted(request))

    def save() -> tuple[str, str]:
        data = form.cleaned_data
        acts.add_kind(
            actor=actor,
            code=data["code"],
            rhythm=data["rhythm"],
            name=data["name"],
            name_zh=data["name_zh"],
            parts=form.parts(),
        )
        return reverse("reviews:kinds"), _("Kind of review added")

    page = FormPage(_("New kind of review"), _("Add kind"), reverse("reviews:kinds"))
    return edit(request, form, page, save, KindForm.initial_from, "review_kind", "reviews/kind_form.html")


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def kind_change(request: HttpRequest, code: str) -> HttpResponseBase:
    """Other names, other sections."""
    actor = actor_of(request)
    kind = access.get_kind(actor, code)
    access.permit_kinds(actor)
    form = KindForm(posted(request), initial=KindForm.initial_from(kind))

    def save() -> tuple[str, str]:
        data = form.cleaned_data
        acts.change_kind(
            actor=actor,
            code=code,
            seen=form.seen_version,
            name=data["name"],
            name_zh=data["name_zh"],
            parts=form.parts(),
        )
        return reverse("reviews:kinds"), _("Saved. The next pack has these sections.")

    page = FormPage(kind.label, _("Save"), reverse("reviews:kinds"))
    return edit(request, form, page, save, KindForm.initial_from, "review_kind", "reviews/kind_form.html")


@require_POST
@require_actor
def kind_archive(request: HttpRequest, code: str) -> HttpResponse:
    """No new job uses it."""
    return press(
        request, lambda: acts.archive_kind(actor=actor_of(request), code=code), reverse("reviews:kinds"), _("Archived")
    )


@require_POST
@require_actor
def kind_restore(request: HttpRequest, code: str) -> HttpResponse:
    """Jobs may use it again."""
    return press(
        request, lambda: acts.restore_kind(actor=actor_of(request), code=code), reverse("reviews:kinds"), _("Restored")
    )
