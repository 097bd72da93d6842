"""Everything that the page of a case shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from escalations import access, queries
from escalations.choices import Channel, Impact, Sensitivity, Signal, State, Urgency, Verb
from escalations.choices.facts import CardKey
from escalations.forms import NoteForm
from escalations.models import CaseOrigin, Watcher
from escalations.views.case_clocks import clock_lines, worst_breach
from escalations.views.common import case_url, lang_of, seconds_since
from escalations.views.fact_kinds import known_on_page
from escalations.views.operation import Context
from escalations.views.operations import buttons_for, pick
from escalations.views.rows import badges_of, site_name
from escalations.views.timeline import stream_of
from portal.accounts.requests import actor_of
from portal.audit.wording import listed
from portal.ui.times import duration_text, time_text
from sla import queries as clocks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from escalations.models import Case, TimelineEntry

Fact = tuple[str, str, str]
_MAX_ORIGIN_FACTS: Final = 16
# Within so many seconds the time alone says when.
_SAME_DAY: Final = 12 * 3600
# The usual next step from a state, which has a button of its own.
_QUICK_BY_STATE: Final = {
    "new": (Verb.TRIAGE, Verb.START),
    "triaged": (Verb.START,),
    "in_progress": (Verb.RESOLVE,),
    "waiting_customer": (Verb.RESUME,),
    "waiting_third_party": (Verb.RESUME,),
    "resolved": (Verb.REOPEN,),
    "closed": (Verb.REOPEN,),
}


def page_context(request: HttpRequest, case: Case, *, note_form: NoteForm | None = None) -> dict[str, Any]:
    """The whole page. Raises BadCursor."""
    actor = actor_of(request)
    context = Context(actor, case, access.rights_of(actor, case))
    entries = queries.entries_visible_to(actor, case)
    data = request.GET if request.method in ("GET", "HEAD") else QueryDict()
    known = known_on_page(context, entries)
    return {
        "case": case,
        "now": timezone.now(),
        "subject_lang": lang_of(case.subject),
        "hint_lang": lang_of(case.contact_hint),
        "service_name": case.service.label,
        "site_name": site_name(case),
        "site_zone": case.site.time_zone if case.site else "",
        "opened_style": "time" if seconds_since(case.opened_at) < _SAME_DAY else "full",
        "age": duration_text(seconds_since(case.opened_at)),
        "badges": badges_of(case, queries.shown_level(case, inside=context.rights.sees_internal)),
        **_sensitivity(case),
        "survivor": _survivor(context),
        **_clocks(context),
        **_stream(context, data, entries, known["card"]),
        **known,
        **_buttons(context),
        **_composer(context, note_form),
        **_people(context),
        "facts": facts_of(case, hint=not known["ledger"]),
        **_origin(context),
        "linked_url": reverse("escalations:case-linked", args=[case.ref]) if context.rights.sees_internal else "",
        "handing_url": reverse("escalations:case-handing", args=[case.ref]) if context.rights.sees_internal else "",
        "playbook_url": reverse("escalations:case-playbook", args=[case.ref]) if context.rights.sees_internal else "",
        "brief_url": reverse("escalations:case-briefs", args=[case.ref]) if context.rights.sees_internal else "",
        "evidence_url": reverse("escalations:case-evidence", args=[case.ref]) if context.rights.pack else "",
        "grants": _grants(context),
        "grants_url": reverse("escalations:case-grants", args=[case.ref]) if context.rights.grant else "",
    }


def _sensitivity(case: Case) -> dict[str, str]:
    notes = {
        Sensitivity.CONFIDENTIAL: _("Only members of the service see it. Each opening of this page is recorded."),
        Sensitivity.RESTRICTED: _("Only people with a grant see it. Each opening of this page is recorded."),
    }
    if case.sensitivity == Sensitivity.STANDARD:
        return {"sensitivity_label": "", "sensitivity_note": ""}
    found = Sensitivity(case.sensitivity)
    return {"sensitivity_label": str(found.label), "sensitivity_note": notes[found]}


def _survivor(context: Context) -> dict[str, str] | None:
    """Where a merged case goes on: named to those who may see that one, empty for everybody else."""
    if context.case.state != State.MERGED:
        return None
    found = queries.survivor_of(context.actor, context.case)
    return {"ref": found.ref, "url": case_url(found)} if found else {"ref": "", "url": ""}


def _clocks(context: Context) -> dict[str, Any]:
    found = clocks.clocks_of(queries.KIND, [context.case.pk])[context.case.pk]
    views = queries.known_clocks(found, inside=context.rights.sees_internal)
    lines = clock_lines(context.actor, context.case, views, context.rights)
    return {"clocks": lines, "breached": worst_breach(views, context.rights)}


def _stream(
    context: Context, data: QueryDict, entries: QuerySet[TimelineEntry], card: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    stream = stream_of(context.actor, context.case, context.rights, data, entries, _called(context.case, card))
    return {"lines": stream.lines, "shows": stream.shows, "older_url": stream.older_url, "newer_url": stream.newer_url}


def _called(case: Case, card: Sequence[dict[str, Any]]) -> dict[int, str]:
    """What the customer is called, by case: here as the card says, and where that was written down; empty for whoever sees no
    card."""
    names = [line["fact"] for line in card if line["fact"].key == CardKey.PREFERRED_NAME]
    return {pk: one.text for one in names for pk in (case.pk, one.case_id)}


def _buttons(context: Context) -> dict[str, Any]:
    buttons = buttons_for(context)
    menu = [button for button in buttons if not button.kind.in_head and not button.kind.placed]
    return {
        "operations": buttons,
        "head_operations": [button for button in buttons if button.kind.in_head],
        "menu_operations": menu,
        "contact_operation": pick(buttons, "contact"),
        "mail_operation": pick(buttons, "mail"),
        "fact_operation": pick(buttons, "fact"),
        "card_operation": pick(buttons, "card"),
        "quick_verb": _quick_verb(context),
        "state_url": reverse("escalations:case-state", args=[context.case.ref]),
    }


def _quick_verb(context: Context) -> Verb | None:
    """The usual next step, if it is allowed."""
    offered = _QUICK_BY_STATE.get(context.case.state, ())
    return next((verb for verb in offered if verb in context.rights.verbs), None)


def _composer(context: Context, note_form: NoteForm | None) -> dict[str, Any]:
    rights = context.rights
    # A note that was refused stays where it was written, although the case may have been merged meanwhile.
    kept_internal = note_form is not None and not note_form.only_shared
    shown = rights.note_shared or rights.note_internal or note_form is not None
    return {
        "composer": shown,
        "note_url": reverse("escalations:case-note", args=[context.case.ref]),
        "note_form": note_form or NoteForm(),
        "may_note_internal": rights.note_internal or kept_internal,
        "people_url": reverse("escalations:case-people", args=[context.case.ref]) if rights.note_internal else "",
        "note_placeholder": _("Write what the next person needs to know."),
    }


def _people(context: Context) -> dict[str, Any]:
    """Owner and watchers; partner users are not told who in the company watches."""
    case, rights, actor = context.case, context.rights, context.actor
    watchers = [row.user for row in Watcher.objects.filter(case=case).select_related("user").order_by("since", "pk")]
    return {
        "raised_by": case.raised_by,
        "watchers": watchers,
        "show_watchers": rights.sees_internal,
        "watching": any(user.pk == actor.user_id for user in watchers),
        "watch_url": reverse("escalations:case-watch", args=[case.ref]) if rights.watch else "",
    }


def facts_of(case: Case, *, hint: bool) -> list[Fact]:
    """What is known of the matter, one line each; nothing for what was not said. `hint`: with how to be in touch, for readers
    without the card, which has it otherwise."""
    found = [
        (_("Service"), case.service.label, ""),
        (_("Site"), site_name(case), ""),
        (_("Customer reference"), case.customer_ref, ""),
        (_("How to be in touch"), case.contact_hint if hint else "", lang_of(case.contact_hint)),
        (_("Channel"), str(Channel(case.channel).label), ""),
        (_("Issue type"), " › ".join(queries.path_of(case.issue_type)) if case.issue_type else "", ""),
        (_("Judged as"), _judged(case), ""),
        (_("Signals"), listed(Signal(one).label for one in case.signals if one in Signal.values), ""),
        (_("Resolved"), time_text(case.resolved_at, "full") if case.resolved_at else "", ""),
        (_("History"), _history(case), ""),
    ]
    return [fact for fact in found if fact[1]]


def _judged(case: Case) -> str:
    if not (case.impact and case.urgency):
        return ""
    text = f"{Impact(case.impact).label} × {Urgency(case.urgency).label}"
    return _("%(judged)s, overridden") % {"judged": text} if case.severity_overridden else text


def _history(case: Case) -> str:
    parts = []
    if case.reopen_count:
        parts.append(_("reopened %(n)d×") % {"n": case.reopen_count})
    if case.reassign_count:
        parts.append(_("reassigned %(n)d×") % {"n": case.reassign_count})
    return listed(parts)


def _origin(context: Context) -> dict[str, Any]:
    """What the source of an imported case says of it, for company roles."""
    origin: CaseOrigin | None = getattr(context.case, "origin", None) if context.rights.sees_internal else None
    if origin is None:
        return {"origin": None, "origin_facts": []}
    facts = origin.facts if isinstance(origin.facts, dict) else {}
    shown = [
        (_source_label(key), _source_value(value)) for key, value in facts.items() if not isinstance(value, dict | list)
    ]
    return {"origin": origin, "origin_facts": [fact for fact in shown if fact[1]][:_MAX_ORIGIN_FACTS]}


def _source_label(key: str) -> str:
    return {"made_sla": _("Its own verdict: target met")}.get(key, key.replace("_", " ").capitalize())


def _source_value(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)


def _grants(context: Context) -> list[dict[str, Any]]:
    """Who may see a restricted case, for those who see it."""
    if context.case.sensitivity != Sensitivity.RESTRICTED:
        return []
    return [holder_line(one) for one in queries.holders_of([context.case.pk]).get(context.case.pk, [])]


def holder_line(holder: queries.Holder) -> dict[str, Any]:
    """A grant as lists show it."""
    note = _("break-glass") if holder.break_glass else _("granted")
    if holder.until:
        note = _("%(how)s, until %(time)s") % {"how": note, "time": time_text(holder.until, "full")}
    return {"pk": holder.grant_id, "user": {"pk": holder.user_id, "name": holder.name}, "note": note}
