"""The page behind the link of an invitation."""

from functools import partial

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from portal.accounts import actions
from portal.accounts.choices import Refusal
from portal.accounts.forms import NewPasswordForm
from portal.accounts.models import Invitation
from portal.accounts.queries.invitations import open_invitation
from portal.accounts.rules import RefusedError
from portal.accounts.views.answers import refused_in


@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Choose the first password. A link that opens nothing says why; nothing tells who is here."""
    try:
        found = open_invitation(token)
    except RefusedError as refused:
        context = {"reason": Refusal(refused.code).label, "used": refused.code == Refusal.INVITATION_USED}
        return render(request, "accounts/invitation_closed.html", context, status=410)
    with translation.override(found.user.language):
        return _answer(request, found, token)


def _answer(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    form = NewPasswordForm(request.POST or None, user=found.user)
    if request.method == "POST" and form.is_valid():
        accept = partial(actions.accept_invitation, token=token, password=form.cleaned_data["password1"])
        if not refused_in(form, accept, {}):
            logout(request)
            messages.success(request, _("Password set. Sign in with it."))
            return redirect("account_login")
    context = {"form": form, "person": found.user}
    return render(request, "accounts/invitation.html", context, status=422 if form.errors else 200)
