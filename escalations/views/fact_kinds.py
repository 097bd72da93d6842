"""Recording a fact and keeping the card, as operations on a case; and what the case's page shows of both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from escalations import actions, queries
from escalations.forms import CardForm, FactForm
from escalations.views.common import lang_of
from escalations.views.operation import Context, Done
from portal.audit.wording import listed

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from escalations.models import TimelineEntry
    from escalations.queries import Known


def fact_form(context: Context, data: QueryDict | None) -> forms.Form:
    """Something new is known."""
    return FactForm(data)


def record_fact(context: Context, form: forms.Form) -> Done:
    """Write it."""
    data = form.cleaned_data
    actions.record_fact(
        actor=context.actor, ref=context.case.pk, key=data["key"], text=data["text"], source=data["source"]
    )
    return Done(_("Fact recorded"))


def card_form(context: Context, data: QueryDict | None) -> forms.Form:
    """The card as it is."""
    card = _card(context)
    return CardForm(
        data,
        card={key: one.text for key, one in card.items()},
        homes={key: ref for key, one in card.items() if (ref := _merged_ref(one, context))},
    )


def _card(context: Context) -> dict[str, Known]:
    known = queries.known_facts(queries.entries_visible_to(context.actor, context.case))
    return queries.card_of(known, context.case)


def _merged_ref(one: Known, context: Context) -> str:
    """The merged case that it was recorded on; empty for the case itself."""
    return "" if one.case_id == context.case.pk else f"EC-{one.case_id}"


def keep_card(context: Context, form: forms.Form) -> Done:
    """Write what was changed of it."""
    if not isinstance(form, CardForm):
        raise TypeError("not a card")
    changes = form.changes()
    actions.keep_card(actor=context.actor, ref=context.case.pk, values=changes, source=form.cleaned_data["source"])
    # Below what was taken back, a merged case may have said something else.
    left = _from_merged(context, {key for key, text in changes.items() if not text})
    if not left:
        return Done(_("Card saved"))
    return Done(_("Card saved. Now from a merged case: %(fields)s") % {"fields": listed(left)})


def _from_merged(context: Context, keys: set[str]) -> list[str]:
    """Those of the card's fields that stand there from merged cases, each with its case."""
    if not keys:
        return []
    found = [(one, _merged_ref(one, context)) for key, one in _card(context).items() if key in keys]
    return [f"{one.label} ({ref})" for one, ref in found if ref]


def fact_lines(known: Sequence[Known], context: Context) -> list[dict[str, Any]]:
    """Facts as lists show them, with what may be done to them; those of merged cases are kept here, too."""
    return [_line(one, context) for one in known]


def _line(one: Known, context: Context) -> dict[str, Any]:
    may = context.rights.fact
    return {
        "fact": one,
        "lang": lang_of(one.text),
        "from_case": _merged_ref(one, context),
        "correct_url": _url("case-fact-correct", context, one.pk) if may else "",
        "withdraw_url": _url("case-fact-withdraw", context, one.pk) if may and not one.withdrawn else "",
        "remove_url": _remove_url(one, context),
        "earlier": [_line(before, context) for before in one.earlier],
    }


def _remove_url(one: Known, context: Context) -> str:
    """Where its words are removed, like those of any entry."""
    mine = one.by is not None and one.by.pk == context.actor.user_id and context.rights.work
    if one.case_id != context.case.pk or not one.text or not (mine or context.rights.redact_any):
        return ""
    return _url("case-redact", context, one.entry_id)


def _url(name: str, context: Context, pk: int) -> str:
    return reverse(f"escalations:{name}", args=[context.case.ref, pk])


def known_on_page(context: Context, entries: QuerySet[TimelineEntry]) -> dict[str, Any]:
    """The ledger and the card on the page of a case, for those who read what is internal. One query for them, none for others."""
    if not context.rights.sees_internal:
        return {"ledger": False, "known": [], "card": []}
    known = queries.known_facts(entries)
    card = queries.card_of(known, context.case)
    return {
        "ledger": True,
        "known": fact_lines(queries.beside_card(known), context),
        "card": [{"fact": one, "lang": lang_of(one.text)} for one in card.values()],
        "facts_url": reverse("escalations:case-facts", args=[context.case.ref]),
    }
