"""Writing a mail on a case, as one of its operations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from escalations import actions
from escalations.choices import Sensitivity
from escalations.forms.mail import MailForm
from escalations.queries import mail as mails
from escalations.views.operation import Context, Done
from escalations.views.replying import StartsFromTemplate

if TYPE_CHECKING:
    from django import forms
    from django.http import QueryDict

    from escalations.models import ServiceMailbox

_HAN: Final = re.compile(r"[\u3400-\u9fff]")


class PreparedMailForm(StartsFromTemplate, MailForm):
    """A mail that may begin with a template."""


def mail_form(context: Context, data: QueryDict | None) -> forms.Form:
    """To whoever wrote last, under the case's subject, signed in the language of that subject."""
    case = context.case
    offered = _signatures(mails.box_of(case))
    wanted = "zh" if _HAN.search(case.subject) else "en"
    initial = {
        "to": mails.latest_address(context.actor, case),
        "subject": case.subject,
        "signature": wanted if wanted in dict(offered) else next(iter(dict(offered)), ""),
    }
    told = case.sensitivity == Sensitivity.STANDARD
    return PreparedMailForm(data, context=context, signatures=offered, subject=told, initial=initial)


def _signatures(box: ServiceMailbox | None) -> list[tuple[str, str]]:
    found = [("en", _("English"), box.signature), ("zh", _("Chinese"), box.signature_zh)] if box else []
    return [(key, label) for key, label, text in found if text.strip()]


def run_mail(context: Context, form: forms.Form) -> Done:
    """Queue it."""
    if not isinstance(form, PreparedMailForm):
        raise TypeError("not a mail")
    data = form.cleaned_data
    actions.send_mail(
        actor=context.actor,
        ref=context.case.pk,
        to=data["to"],
        subject=data.get("subject", ""),
        text=data["text"],
        signature=data.get("signature", ""),
        once=data["once"],
        used=form.used_template,
        duties=form.answered,
    )
    return Done(_("E-mail on its way"))
