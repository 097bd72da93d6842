"""A form that is sent twice does its work once: two clicks, a button pressed again after an answer was lost."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.ui.htmx import is_htmx

# What the hidden field is called; each form that is shown has a name of its own in it.
FIELD: Final = "press"
# The same in a form whose work is many transactions: it is claimed before, as one around all of them would hold their locks.
CLAIM: Final = "claim"
_KEPT: Final = 20


def once_field(name: str = FIELD) -> SafeString:
    """The hidden field by which presses of this form are known to be the same."""
    return format_html('<input type="hidden" name="{}" value="{}">', name, uuid.uuid4())


def once(request: HttpRequest, token: uuid.UUID, make: Callable[[], str]) -> str:
    """What `make` returned for this token, made now or by an earlier press of the same form's button.

    Presses of one form wait for each other; what was made is kept in the session, in the same transaction. Raises
    SessionInterrupted, with nothing made, for whoever signed out meanwhile.
    """
    key = str(token)
    with _waiting(token):
        if (earlier := _made(request).get(key)) is not None:
            return earlier
        ref = make()
        _keep(request, key, ref)
    return ref


def press(request: HttpRequest, run: Callable[[], HttpResponseBase], back: str) -> HttpResponseBase:
    """The answer to a form. The same sent again after it was taken leads to where the first press led: that page, or `back`. What
    was refused was not taken, and other words in the same form are another press. Raises SessionInterrupted as `once`."""
    token = _token(request, FIELD)
    if token is None:
        return run()
    key = f"{token} {_said(request)}"
    with _waiting(token):
        if (earlier := _made(request).get(key)) is not None:
            return again(request, earlier or back, known=bool(earlier))
        response = run()
        if response.status_code < 400:
            _keep(request, key, response.get("HX-Redirect") or response.get("Location") or "")
    return response


def claim(request: HttpRequest) -> bool:
    """Whether this is the first press of a form that begins its work now, in transactions of its own. Raises as `once`."""
    token = _token(request, CLAIM)
    if token is None:
        return True
    key = f"{token} {_said(request)}"
    with _waiting(token):
        if key in _made(request):
            return False
        _keep(request, key, "")
    return True


def again(request: HttpRequest, place: str, *, known: bool = False) -> HttpResponse:
    """Where a later press leads; htmx loads the page anew unless the first press is `known` to have led elsewhere."""
    if not is_htmx(request):
        return redirect(place)
    return HttpResponse(status=204, headers={"HX-Redirect": place} if known else {"HX-Refresh": "true"})


def _token(request: HttpRequest, field: str) -> uuid.UUID | None:
    """The form's name; None where it has none, or something else in its place."""
    if request.method != "POST":
        return None
    try:
        return uuid.UUID(request.POST.get(field, ""))
    except ValueError:
        return None


@contextmanager
def _waiting(token: uuid.UUID) -> Iterator[None]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"created:{token}"])
        yield


def _said(request: HttpRequest) -> str:
    """What a form says, as a short hash; of files their names and sizes."""
    words = [(name, values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"]
    files = [(name, one.name, one.size) for name, many in request.FILES.lists() for one in many]
    return hashlib.sha256(repr((sorted(words), sorted(files, key=str))).encode(errors="replace")).hexdigest()[:16]


def _made(request: HttpRequest) -> dict[str, str]:
    """As it is in the database by now: another press may have ended since this request began. Read with another store, since
    that of the request would take a session that is gone for one to begin."""
    key = request.session.session_key
    if key is None:
        return {}
    stored = type(request.session)(key)
    found: dict[str, str] = stored.load().get("created", {})
    if stored.session_key is None:
        raise SessionInterrupted("Signed out before the form was sent.")
    return found


def _keep(request: HttpRequest, key: str, made: str) -> None:
    request.session["created"] = dict([*_made(request).items(), (key, made)][-_KEPT:])
    try:
        request.session.save()
    except UpdateError as gone:
        raise SessionInterrupted("Signed out while the form was sent.") from gone
