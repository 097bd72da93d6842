"""Bundles: for whom, what they bring, and what another version would change."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from partners import queries as directory
from portal.accounts.decorators import require_actor, require_right
from portal.accounts.requests import actor_of
from portal.accounts.rules import SYSTEM
from portal.refusals import ConflictError, RefusedError
from portal.ui.htmx import flash

from ... import access
from ...actions import catalogue as actions
from ...actions.catalogue.base import configuring
from ...forms.catalogue import ArchiveForm, BundleForm, NewBundleForm, VersionForm
from ...models import AccessRequest, Bundle, BundleItem, Entitlement
from ...queries import catalogue
from ...queries.differences import Difference, content_of, counted, differences, fitted, short_of_seats
from ...wording import refusal
from .common import FormPage, conflict_text, data_of, edit, listing, page, reader

_CRUMB = "access:bundles"
# Of each site; who else there is, the request says.
_NAMES: Final = 20


def _url(row: Bundle) -> str:
    return reverse("access:bundle", args=[row.code])


@require_safe
@require_actor
def bundles(request: HttpRequest) -> HttpResponse:
    """Bundles by name, with whom they are for."""
    actor = reader(request, "bundles")
    rows = catalogue.bundles_visible_to(actor).select_related("job_role", "site", "current")

    def more(items: list[Bundle]) -> dict[str, object]:
        found = catalogue.bundle_sizes(items)
        return {"rows": [(one, found.get(one.pk, 0)) for one in items]}

    return listing(request, "bundles", rows, more)


@require_safe
@require_actor
def bundle(request: HttpRequest, code: str) -> HttpResponse:
    """A bundle: what it brings, and its versions."""
    actor = actor_of(request)
    row = access.get_bundle(actor, code)
    items = BundleItem.objects.filter(version=row.current_id).select_related("entitlement__system", "entitlement__rule")
    context = {
        "bundle": row,
        "items": list(items.order_by("entitlement__system__name", "entitlement__name")),
        "versions": catalogue.bundle_history(row),
        "people": len(fitted(row, timezone.now())) if catalogue.sees_cost(actor) else None,
    }
    return page(request, "bundle", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_right("configure")
def bundle_new(request: HttpRequest) -> HttpResponse:
    """A bundle that does not exist yet."""
    actor, url = actor_of(request), reverse(_CRUMB)

    def save(form: NewBundleForm) -> Bundle:
        data = form.cleaned_data
        return actions.add_bundle(
            actor=actor, code=data["code"], values=form.values(), job_role_id=data["job_role"],
            programme_code=data["programme"], site_id=data["site"],
        )  # fmt: skip

    return edit(
        request,
        NewBundleForm(data_of(request)),
        save,
        FormPage(_("New bundle"), [_CRUMB, _("Bundles"), "", _("New")], _("Continue"), url),
        lambda row: (reverse("access:bundle_version", args=[row.code]), _("Bundle added. Now choose what it brings.")),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def bundle_change(request: HttpRequest, code: str) -> HttpResponse:
    """Rename a bundle, or let policy approve it."""
    actor = actor_of(request)
    row = access.get_bundle(actor, code)
    configuring(actor)
    url = _url(row)
    return edit(
        request,
        BundleForm(data_of(request), initial=BundleForm.initial_from(row)),
        lambda f: actions.change_bundle(actor=actor, code=code, version=f.seen_version, values=f.values()),
        FormPage(_("Change bundle"), [_CRUMB, _("Bundles"), url, row.label, "", _("Change")], _("Save"), url),
        lambda _saved: (url, _("Bundle saved")),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def bundle_version(request: HttpRequest, code: str) -> HttpResponse:
    """Choose what a bundle brings, look at what that changes, save it."""
    actor = actor_of(request)
    row = access.get_bundle(actor, code)
    configuring(actor)
    content = content_of(row)
    initial = {"version": row.version, "entitlements": sorted(content)}
    form = VersionForm(data_of(request), initial=initial, content=content)
    if request.method != "POST":
        return _version_page(request, row, form)
    if not form.is_valid():
        return _version_page(request, row, form, status=422)
    wanted = frozenset(form.cleaned_data["entitlements"])
    if request.POST.get("step") != "save":
        return _version_page(request, row, form, preview=_preview(row, wanted))
    try:
        made = actions.save_version(
            actor=actor, code=code, version=form.cleaned_data["version"], entitlement_ids=wanted
        )
    except RefusedError as refused:
        form.add_error(None, refusal(refused.code, refused.params))
        return _version_page(request, row, form, status=422)
    except ConflictError as found:
        text = conflict_text(found.row)
        return _version_page(request, row, form, preview=_preview(row, wanted), conflict=text, status=409)
    flash(request, _sent(made))
    return redirect(_url(row))


def _version_page(
    request: HttpRequest,
    row: Bundle,
    form: VersionForm,
    *,
    preview: dict[str, Any] | None = None,
    conflict: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {"bundle": row, "form": form, "preview": preview, "conflict": conflict}
    return page(request, "bundle_version", context, status)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def bundle_archive(request: HttpRequest, code: str) -> HttpResponse:
    """Look at what it would change if a bundle brought nothing any more (or again), then do so."""
    actor = actor_of(request)
    row = access.get_bundle(actor, code)
    configuring(actor)
    archived = row.archived_at is None
    form = ArchiveForm(data_of(request), initial={"version": row.version, "archived": "1" if archived else "0"})
    status, conflict = 200, ""
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = actions.archive_bundle(actor=actor, code=code, archived=data["archived"], version=data["version"])
        except RefusedError as refused:
            status, conflict = 422, refusal(refused.code, refused.params)
        except ConflictError as found:
            status, conflict = 409, conflict_text(found.row)
        else:
            flash(request, _sent(made))
            return redirect(_url(row))
    elif request.method == "POST":
        status, conflict = 422, _("Look at what changes first, then press the button.")
    content = content_of(row)
    preview = _preview(row, frozenset() if archived else content)
    form = ArchiveForm(initial={"version": row.version, "archived": "1" if archived else "0"})
    context = {"bundle": row, "form": form, "preview": preview, "archiving": archived, "conflict": conflict}
    return page(request, "bundle_archive", context, status)


def _preview(row: Bundle, wanted: frozenset[int]) -> dict[str, Any]:
    """What other content would change, entitlement by entitlement."""
    found = differences(row, wanted, timezone.now()) if row.archived_at is None or wanted else []
    changed = [one for one in found if one.gets or one.loses]
    gets, loses = counted(found)
    labels = _labels({*gets, *loses})
    return {
        "people": len(changed),
        "sites": len({one.site_id for one in changed}),
        "who": _who(changed),
        "short": short_of_seats(found),
        "fitted": len(found),
        "blocked": sum(one.blocked for one in found),
        "gets": [(labels[pk], n) for pk, n in gets.most_common()],
        "loses": [(labels[pk], n) for pk, n in loses.most_common()],
    }


def _who(changed: Collection[Difference]) -> list[tuple[str, int, list[str], int]]:
    """For each site: its name, how many people, the first names, and how many more there are."""
    by_site: dict[int, list[int]] = defaultdict(list)
    for one in changed:
        by_site[one.site_id].append(one.person_id)
    sites = directory.sites_visible_to(SYSTEM).filter(pk__in=by_site).order_by("name", "pk")
    shown = directory.person_labels({pk for people in by_site.values() for pk in sorted(people)[:_NAMES]})
    return [
        (
            site.label,
            len(by_site[site.pk]),
            sorted(shown[pk] for pk in sorted(by_site[site.pk])[:_NAMES] if pk in shown),
            max(0, len(by_site[site.pk]) - _NAMES),
        )
        for site in sites
    ]


def _labels(entitlement_ids: Collection[int]) -> dict[int, str]:
    rows = Entitlement.objects.filter(pk__in=entitlement_ids).select_related("system")
    return {row.pk: f"{row.system.label}: {row.label}" for row in rows}


def _sent(made: list[AccessRequest]) -> str:
    if not made:
        return _("Saved. Nobody’s access changes.")
    text = ngettext("Saved. %(n)d request was sent.", "Saved. %(n)d requests were sent, one for each site.", len(made))
    return text % {"n": len(made)}
