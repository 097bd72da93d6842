"""Components beyond the built-in ones."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of

from ..access import definitions as access
from ..actions import own_components as actions
from ..components import AGENTS, CONTACTS, QUALITY, SURVEYS
from ..forms.definitions import ComponentForm, NewComponentForm
from ..models import Component
from .saving import edit, press


@require_safe
@require_actor
def components(request: HttpRequest) -> HttpResponseBase:
    """All components: those of one's own, and the built-in ones by what they are counted from."""
    actor = actor_of(request)
    access.permit_reading(actor)
    rows = list(Component.objects.all())
    built_in = ((_("Contacts"), CONTACTS), (_("Agents"), AGENTS), (_("Surveys"), SURVEYS), (_("Quality"), QUALITY))
    context = {
        "rows": [row for row in rows if row.archived_at is None],
        "archived": [row for row in rows if row.archived_at],
        "built_in": built_in,
        "may_define": access.may_define(actor),
    }
    return render(request, "kpis/components.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def component_new(request: HttpRequest) -> HttpResponseBase:
    """A component that does not exist yet."""
    actor = actor_of(request)
    access.permit_defining(actor)
    form = NewComponentForm(request.POST if request.method == "POST" else None)

    def save() -> tuple[str, str]:
        actions.add_component(actor=actor, code=form.cleaned_data["code"], values=form.values())
        return reverse("kpis:components"), _("Component added")

    return edit(
        request, form, _page(_("New component"), _("Add component")), save, ComponentForm.initial_from, "component"
    )


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def component_change(request: HttpRequest, code: str) -> HttpResponseBase:
    """Change what a component is called."""
    actor = actor_of(request)
    row = access.get_component(actor, code)
    access.permit_defining(actor)
    form = ComponentForm(request.POST if request.method == "POST" else None, initial=ComponentForm.initial_from(row))

    def save() -> tuple[str, str]:
        actions.change_component(actor=actor, code=code, version=form.seen_version, values=form.values())
        return reverse("kpis:components"), _("Component changed")

    page = _page(_("Change %(name)s") % {"name": row.label}, _("Save"))
    return edit(request, form, page, save, ComponentForm.initial_from, "component")


@require_POST
@require_actor
def component_archive(request: HttpRequest, code: str) -> HttpResponseBase:
    """Take a component out of use."""
    actor, url = actor_of(request), reverse("kpis:components")
    return press(request, lambda: actions.archive_component(actor=actor, code=code), url, _("Component archived"))


@require_POST
@require_actor
def component_restore(request: HttpRequest, code: str) -> HttpResponseBase:
    """Bring a component back into use."""
    actor, url = actor_of(request), reverse("kpis:components")
    return press(request, lambda: actions.restore_component(actor=actor, code=code), url, _("Component restored"))


def _page(title: str, button: str) -> dict[str, Any]:
    url = reverse("kpis:components")
    return {"title": title, "button": button, "cancel_url": url, "parents": [(url, _("Components"))]}
