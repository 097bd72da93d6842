"""One's own tokens: make and revoke; for administrators those of all people."""

from allauth.account.internal.flows import reauthentication
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts.decorators import require_actor, require_right
from portal.accounts.requests import actor_of
from portal.api import actions, queries, registry
from portal.api.choices import Refusal
from portal.api.forms import TokenForm
from portal.api.models import ApiToken
from portal.refusals import RefusedError
from portal.ui.htmx import flash
from portal.ui.pagination import keyset_page


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def tokens(request: HttpRequest) -> HttpResponse:
    """One's own tokens (GET); make one, and show it this once (POST), for who has just said their password (again)."""
    actor = actor_of(request)
    form = TokenForm(request.POST if request.method == "POST" else None, actor=actor)
    if request.method != "POST" or not form.is_valid():
        return _page(request, form)
    if reauthentication.is_reauthentication_required(request, app=""):
        # The form is kept meanwhile, and goes on by itself.
        raise ReauthenticationRequired
    try:
        made, text = actions.create_token(actor=actor, **form.cleaned_data)
    except RefusedError as refused:
        form.add_error(refused.field, Refusal(refused.code).label)
        return _page(request, form)
    return _page(request, TokenForm(actor=actor), made, text)


def _page(request: HttpRequest, form: TokenForm, made: ApiToken | None = None, text: str = "") -> HttpResponse:
    actor = actor_of(request)
    page = keyset_page(queries.own_tokens(actor), order=("-id",), cursor=request.GET.get("cursor"))
    context = {
        "form": form,
        "offered": bool(registry.scopes_for(actor)),
        "page": page,
        "scope_labels": _labels(),
        "made": made,
        "text": text,
        "see_all": queries.may_see_all(actor),
    }
    return render(request, "api/tokens.html", context, status=422 if form.errors else 200)


@require_GET
@require_right("manage_users")
def all_tokens(request: HttpRequest) -> HttpResponse:
    """Everybody's tokens, the newest first."""
    rows = queries.tokens_visible_to(actor_of(request))
    page = keyset_page(rows, order=("-id",), cursor=request.GET.get("cursor"))
    return render(request, "api/all_tokens.html", {"page": page, "scope_labels": _labels(), "nav_key": "api-tokens"})


@require_POST
@require_actor
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a token now; back to the list it was pressed in."""
    try:
        token = actions.revoke_token(actor=actor_of(request), token_id=pk)
    except RefusedError as refused:
        flash(request, Refusal(refused.code).label, tone="red")
    else:
        flash(request, _("%(name)s is revoked.") % {"name": token.name})
    return redirect("api:all_tokens" if request.POST.get("list") == "all" else "api:tokens")


def _labels() -> dict[str, object]:
    return {scope.key: scope.label for scope in registry.scopes()}
