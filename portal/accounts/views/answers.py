"""How a refusal reaches the reader."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpRequest

from portal.accounts.choices import Refusal
from portal.accounts.rules import RefusedError


def attempt(request: HttpRequest, action: Callable[[], object], done: str) -> None:
    """Run an action behind a single button; say on the next page that it is done, or why not."""
    try:
        action()
    except RefusedError as refused:
        messages.error(request, Refusal(refused.code).label)
    else:
        messages.success(request, done)


def refused_in(form: forms.BaseForm, action: Callable[[], object], fields: dict[str, str]) -> bool:
    """Run an action for a form; a refusal becomes an error of the field that `fields` names for it. True if refused."""
    try:
        action()
    except RefusedError as refused:
        form.add_error(fields.get(refused.code), Refusal(refused.code).label)
        return True
    return False
