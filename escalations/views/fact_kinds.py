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
    card = {}
    if data is None:
        known = queries.known_facts(queries.entries_visible_to(context.actor, context.case))
        card = {key: one.text for key, one in queries.card_of(known, context.case).items()}
    return CardForm(data, card=card)


def keep_card(context: Context, form: forms.Form) -> Done:
    """Write what was changed of it."""
    if not isinstance(form, CardForm):
        raise TypeError("not a card")
    actions.keep_card(
        actor=context.actor, ref=context.case.pk, values=form.changes(), source=form.cleaned_data["source"]
    )
    return Done(_("Card saved"))


def fact_lines(known: Sequence[Known], context: Context) -> list[dict[str, Any]]:
    """Facts as lists show them, with what may be done to them; those of merged cases are kept here, too."""
    return [_line(one, context) for one in known]


def _line(one: Known, context: Context) -> dict[str, Any]:
    may = context.rights.fact
    return {
        "fact": one,
        "lang": lang_of(one.text),
        "from_case": "" if one.case_id == context.case.pk else f"EC-{one.case_id}",
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
