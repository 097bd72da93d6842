"""What the palette offers on the page of a case: what its reader may do there."""

import re
from collections.abc import Iterator
from typing import Final

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from escalations import access
from escalations.choices import Verb
from escalations.views.common import case_url
from escalations.views.operation import Context
from escalations.views.operations import buttons_for
from portal.accounts.rules import Actor
from portal.ui.commands import Acts, Command, register_acts

_PAGE: Final = re.compile(r"/cases/(EC-[0-9]{1,18})/", re.ASCII)


def register() -> None:
    """Hang it in."""
    register_acts("case", acts_on_case)


def acts_on_case(actor: Actor, path: str) -> Acts | None:
    """What the actor may do on the case of this page; None for other pages and for cases out of sight."""
    found = _PAGE.match(path)
    if found is None:
        return None
    try:
        case = access.get_case(actor, found[1])
    except Http404:
        return None
    context = Context(actor, case, access.rights_of(actor, case))
    return Acts(_now("On %(ref)s") % {"ref": case.ref}, list(_commands(context)))


def _commands(context: Context) -> Iterator[Command]:
    rights, case = context.rights, context.case
    if rights.note_shared or rights.note_internal:
        yield Command(_("Add note"), f"{case_url(case)}#note-text", "note", "N")
    if rights.take and case.owner_id != context.actor.user_id:
        assign = reverse("escalations:case-assign", args=[case.ref])
        yield Command(_("Assign to me"), f"{assign}?owner={context.actor.user_id}", "user")
    for button in buttons_for(context):
        yield Command(button.kind.label, button.url, button.kind.icon, button.cap)
    for verb in rights.verbs:
        label = _now("State: %(verb)s") % {"verb": Verb(verb).label}
        state = reverse("escalations:case-state", args=[case.ref])
        yield Command(label, f"{state}?verb={Verb(verb).value}", "swap")
    if rights.sees_internal:
        yield Command(_("Playbook"), reverse("escalations:case-playbook", args=[case.ref]), "book")
