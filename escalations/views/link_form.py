"""Linking a case to another one by its reference."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from escalations import access, actions
from escalations.forms.linking import LinkForm
from escalations.views.common import reason_text, refusal
from escalations.views.operation import Context, Done

if TYPE_CHECKING:
    from escalations.models import Case


def link_form(context: Context, data: QueryDict | None) -> forms.Form:
    """Which case, and what this one is to it."""
    return LinkForm(data, find=partial(_found, context))


def _found(context: Context, ref: str) -> Case:
    """The other case, if it can be linked. Raises ValidationError; a case out of sight is one that is not there."""
    if access.case_id(ref) is None:
        raise ValidationError(_("Type a reference like EC-20418."))
    try:
        other = access.get_case(context.actor, ref)
        actions.check_link(context.actor, context.case, other)
    except Http404:
        raise ValidationError(reason_text("not_visible")) from None
    except actions.Refused as error:
        raise ValidationError(refusal(error)) from None
    return other


def run_link(context: Context, form: forms.Form) -> Done:
    """Link them."""
    data = form.cleaned_data
    case, other = actions.link_cases(actor=context.actor, ref=context.case.pk, other=data["other"], said=data["said"])
    return Done(_("%(ref)s is linked to %(other)s") % {"ref": case.ref, "other": other.ref})
