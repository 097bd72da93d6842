"""What the palette offers on the page of a case: what its reader may do there."""

import re
from collections.abc import Iterator
from typing import Final

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from escalations import access, transitions
from escalations.choices import State, Verb
from escalations.models import Watcher
from escalations.views.common import case_url
from escalations.views.feedback import feedback_link
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
    yield from _states(context)
    yield from _beside(context)


def _states(context: Context) -> Iterator[Command]:
    """Each step of the state, found by what is done and by the state that it leads to."""
    case = context.case
    address = reverse("escalations:case-state", args=[case.ref])
    for verb in context.rights.verbs:
        done = Verb(verb)
        step = transitions.step(case.state, done.value)
        state = State(step.to).label if step else ""
        label = _now("State: %(verb)s") % {"verb": done.label}
        yield Command(label, f"{address}?verb={done.value}", "swap", "", state, (done.label, state))


def _beside(context: Context) -> Iterator[Command]:
    """What stands beside the activity: pages of the case, and watching it. A query for those who may watch."""
    rights, case = context.rights, context.case
    writes = rights.sees_internal and rights.contact
    if writes:
        yield Command(_("Write a brief"), reverse("escalations:case-brief-new", args=[case.ref]), "edit")
    if rights.watch:
        watches = Watcher.objects.filter(case=case, user=context.actor.user_id).exists()
        yield Command(_("Stop watching") if watches else _("Watch"), f"{case_url(case)}#watch", "eye")
    pages = [
        ("playbook", _("Playbook"), "book", rights.sees_internal),
        ("facts", _("Known facts"), "check", rights.sees_internal),
        ("briefs", _("Briefs"), "file", rights.sees_internal and not writes),
        ("handing", _("Hand-over and questions"), "users", rights.sees_internal),
        ("linked", _("Linked cases"), "link", rights.sees_internal),
        ("evidence", _("Evidence packs"), "clip", rights.pack),
        ("grants", _("Manage access"), "lock", rights.grant),
        ("feedback", _("Give feedback"), "heart", feedback_link(context.actor, case) is not None),
    ]
    for key, label, icon, may in pages:
        if may:
            yield Command(label, reverse(f"escalations:case-{key}", args=[case.ref]), icon)
