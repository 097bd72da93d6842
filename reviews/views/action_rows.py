"""Actions as rows of the list and as cards of the board: one format string each, since as template tags they were most of the page's time."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.ui import marks

from ..choices import ActionState, Side, Source
from ..models import Action
from . import action_words as words

# Stands for an action's reference in the address of its page, so that the address is looked up once for all rows.
_ANY_REF: Final = "A-0"
_TONES: Final = {ActionState.VERIFIED: "green", ActionState.DONE: "blue"}
_ROW: Final = """<tr role="row" id="action-{pk}"><th role="rowheader" scope="row"><a class="rowlink" href="{url}">{ref} {title}</a></th>\
<td role="cell">{place}</td><td role="cell">{owner} <span class="tiny muted">{side}</span></td><td role="cell">{state}</td>\
<td role="cell">{due}</td><td role="cell" class="roomy">{source}</td><td role="cell" class="num roomy">{age}</td></tr>
"""
_CARD: Final = (
    '<li><a href="{url}">{title}</a><p class="tiny muted">{ref} · {place} · {owner}</p><p class="small">{due}</p></li>'
)


def rows_html(actions: Iterable[Action]) -> SafeString:
    """The rows of the table's body."""
    address, now = reverse("reviews:action", args=[_ANY_REF]), timezone.now()
    return SafeString("".join([_row(one, address, now) for one in actions]))


def cards_html(actions: Iterable[Action]) -> SafeString:
    """The cards of a column."""
    address = reverse("reviews:action", args=[_ANY_REF])
    return SafeString("".join([_card(one, address) for one in actions]))


def _row(action: Action, address: str, now: datetime) -> SafeString:
    days = (now - action.created_at).days
    state = ActionState(action.state)
    return format_html(
        _ROW,
        pk=action.pk,
        url=address.replace(_ANY_REF, action.ref),
        ref=action.ref,
        title=action.title,
        place=words.place_text(action),
        owner=action.owner.name,
        side=Side(action.side).label,
        state=marks.badge(state.label, _TONES.get(state, "")),
        due=_due(action),
        source="–" if action.source == Source.OTHER else Source(action.source).label,
        age=ngettext("%(n)s day", "%(n)s days", days) % {"n": days},
    )


def _card(action: Action, address: str) -> SafeString:
    return format_html(
        _CARD,
        url=address.replace(_ANY_REF, action.ref),
        title=action.title,
        ref=action.ref,
        place=words.place_text(action),
        owner=action.owner.name,
        due=_due(action),
    )


def _due(action: Action) -> SafeString:
    """By when, on the clock of where; and whether that is over."""
    late = SafeString(f"{marks.badge(_('Overdue'), 'red')} ") if action.is_overdue else ""
    return format_html(
        '{}<span class="nowrap">{}</span>', late, marks.local_time(action.due_at, "date", words.zone_of(action))
    )
