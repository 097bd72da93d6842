"""Screens of the mailboxes and of messages in trouble, for administrators."""

from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts.decorators import require_right
from portal.accounts.requests import actor_of
from portal.mailbox import access, actions, queries
from portal.mailbox.choices import Hiding, State, Taken
from portal.mailbox.forms import MailboxForm
from portal.refusals import RefusedError
from portal.ui.htmx import flash

ROWS_SHOWN = 200


@require_GET
@require_right("configure")
def mailboxes(request: HttpRequest) -> HttpResponse:
    """All mailboxes, with when each was last read and what went wrong."""
    rows = list(queries.mailboxes(actor_of(request)))
    context = {
        "mailboxes": [row for row in rows if row.archived_at is None],
        "archived": [row for row in rows if row.archived_at is not None],
        "trouble": queries.trouble_count(actor_of(request)),
    }
    return render(request, "mailbox/mailboxes.html", context)


@require_http_methods(["GET", "POST"])
@require_right("configure")
def mailbox_new(request: HttpRequest) -> HttpResponse:
    """Add a mailbox."""
    form = MailboxForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.create_mailbox(actor=actor_of(request), **form.cleaned_data)
        except RefusedError as no:
            form.add_error(None, Taken(no.code).label)
        else:
            flash(request, _("Mailbox created. It is read within a minute."))
            return redirect("mailbox:mailboxes")
    return _form_page(request, form)


@require_http_methods(["GET", "POST"])
@require_right("configure")
def mailbox_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a mailbox."""
    row = access.get_mailbox(actor_of(request), pk)
    form = MailboxForm(request.POST if request.method == "POST" else None, initial=vars(row), mailbox_id=pk)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_mailbox(actor=actor_of(request), mailbox_id=pk, **form.cleaned_data)
        except RefusedError as no:
            form.add_error(None, Taken(no.code).label)
        else:
            flash(request, _("Saved"))
            return redirect("mailbox:mailboxes")
    return _form_page(request, form, row)


@require_POST
@require_right("configure")
def mailbox_archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Read a mailbox no more, or again."""
    archived = request.POST.get("archived") == "1"
    try:
        actions.archive_mailbox(actor=actor_of(request), mailbox_id=pk, archived=archived)
    except RefusedError as no:
        flash(request, Taken(no.code).label, tone="red")
    return redirect("mailbox:mailboxes")


@require_GET
@require_right("dead_letters")
def messages(request: HttpRequest) -> HttpResponse:
    """Messages that nobody could take, why, and what to do about it."""
    rows = list(queries.in_trouble(actor_of(request))[: ROWS_SHOWN + 1])
    hidden = queries.hidden_among(rows[:ROWS_SHOWN])
    for row in rows:
        if row.pk in hidden:  # what follows the colon may quote the message
            row.last_error = row.last_error.partition(":")[0]
    context = {
        "rows": rows[:ROWS_SHOWN],
        "hidden": hidden,
        "reasons": Hiding.choices,
        "more": len(rows) > ROWS_SHOWN,
        "shown": ROWS_SHOWN,
        "nav_key": "mailboxes",
    }
    return render(request, "mailbox/messages.html", context)


@require_POST
@require_right("dead_letters")
def message_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Read or hand on a message again."""
    row = actions.retry(actor=actor_of(request), message_id=pk)
    if row.state == State.UNPARSED:
        flash(request, _("It still cannot be read."), tone="red")
    else:
        flash(request, _("It will be tried again within a minute."))
    return redirect("mailbox:messages")


@require_POST
@require_right("dead_letters")
def message_put_away(request: HttpRequest, pk: int) -> HttpResponse:
    """Nobody needs to take this message."""
    actions.put_away(actor=actor_of(request), message_id=pk)
    flash(request, _("Put away. It stays kept."))
    return redirect("mailbox:messages")


@require_POST
@require_right("dead_letters")
def message_hide(request: HttpRequest, pk: int) -> HttpResponse:
    """Nobody reads the words of this message any more."""
    reason = request.POST.get("reason", "")
    if reason not in Hiding.values:
        raise BadRequest("no reason of ours")
    actions.hide(actor=actor_of(request), message_id=pk, reason=reason)
    flash(request, _("Hidden. It stays kept."))
    return redirect("mailbox:messages")


def _form_page(request: HttpRequest, form: MailboxForm, row: Any = None) -> HttpResponse:
    context = {"form": form, "mailbox": row, "cancel_url": reverse("mailbox:mailboxes"), "nav_key": "mailboxes"}
    return render(request, "mailbox/mailbox_form.html", context, status=422 if form.errors else 200)
