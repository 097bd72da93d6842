"""The queue's query string, and what is done to many cases at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from escalations.choices import MAX_BULK, Severity, State
from escalations.choices.queue import Age, Tab
from escalations.forms.base import Choice, id_field, set_choices
from escalations.queries import GONE, QueueFilters

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from escalations.queries import FilterChoices, IssueChoice

_ID: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
_MAX_VALUES: Final = 20
MAX_SEARCH: Final = 200
FILTER_LABELS: Final[Mapping[str, StrOrPromise]] = {
    "service": _("Service"),
    "state": _("State"),
    "severity": _("Severity"),
    "site": _("Site"),
    "owner": _("Assignee"),
    "issue": _("Issue type"),
    "age": _("Opened"),
    "q": _("Text"),
}
_BY_ID: Final = ("service", "site", "owner", "issue")
# What stands in the address for owners who cannot work their case any more; they have no number.
_GONE: Final = "gone"
_CODES: Final[Mapping[str, Sequence[str]]] = {
    "state": State.values,
    "severity": [str(value) for value in Severity.values],
    "age": Age.values,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the query string asks for; `bad` names the filters with values that mean nothing."""

    tab: str
    filters: QueueFilters
    bad: tuple[str, ...]


def parse_filters(data: QueryDict) -> Asked:
    """Read tab and filters. Values that mean nothing are left out and named; nothing raises."""
    tab = data.get("tab", "")
    found: dict[str, list[str]] = {}
    bad: list[str] = []
    for name in (*_BY_ID, *_CODES):
        given = [value for value in data.getlist(name)[:_MAX_VALUES] if value]
        found[name] = [value for value in given if _means_something(name, value)]
        if len(found[name]) < len(given):
            bad.append(name)
    filters = QueueFilters(
        **{name: tuple(map(_number, found[name])) for name in (*_BY_ID, "severity")},
        state=tuple(found["state"]),
        age=(found["age"] or [""])[0],
        q=clean_search(data.get("q", "")),
    )
    return Asked(tab if tab in Tab.values else str(Tab.OPEN), filters, tuple(bad))


def _means_something(name: str, value: str) -> bool:
    if name not in _BY_ID:
        return value in _CODES[name]
    return bool(_ID.fullmatch(value)) or (name == "owner" and value == _GONE)


def _number(value: str) -> int:
    return GONE if value == _GONE else int(value)


def clean_search(text: str) -> str:
    """Words to look for, without what no text holds."""
    return text.replace("\x00", "").strip()[:MAX_SEARCH]


def issue_groups(issues: Iterable[IssueChoice]) -> list[Choice]:
    """Issue types as a grouped select: a group per top level, with the path below it as the option."""
    groups: dict[str, list[tuple[Any, StrOrPromise]]] = {}
    for one in issues:
        top, _sep, below = one.path.partition(" › ")
        groups.setdefault(top, []).append((one.id, below or top))
    return list(groups.items())


class FilterForm(forms.Form):
    """Everything that narrows the queue, as a plain form that GETs the queue."""

    q = forms.CharField(label=_("Text"), max_length=MAX_SEARCH, required=False, help_text=_("Words, or a reference."))
    service = id_field(_("Service"), required=False)
    site = id_field(_("Site"), required=False)
    owner = id_field(_("Assignee"), required=False)
    issue = id_field(_("Issue type"), required=False)
    age = forms.ChoiceField(label=_("Opened"), choices=[("", _("Any time")), *Age.choices], required=False)
    severity = forms.MultipleChoiceField(
        label=_("Severity"), choices=Severity.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    state = forms.MultipleChoiceField(
        label=_("State"), choices=State.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, offered: FilterChoices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "filter-%s"
        set_choices(self, "service", [("", _("Any")), *offered.services])
        set_choices(self, "site", [("", _("Any")), *offered.sites])
        nobody: list[Choice] = [
            ("", _("Anybody")),
            (0, _("Nobody yet")),
            (_GONE, _("Left or lost access")),
        ]
        set_choices(self, "owner", [*nobody, *offered.owners])
        set_choices(self, "issue", [("", _("Any")), *issue_groups(offered.issues)])
        if not offered.owners:
            del self.fields["owner"]


def filter_initial(filters: QueueFilters) -> dict[str, Any]:
    """The form's values for what is filtered now."""
    found: dict[str, Any] = {name: next(iter(getattr(filters, name)), None) for name in _BY_ID}
    found["owner"] = _GONE if found["owner"] == GONE else found["owner"]
    return {**found, "state": filters.state, "severity": filters.severity, "age": filters.age, "q": filters.q}


def picked(data: QueryDict) -> list[int]:
    """The numbers of the cases picked, once each, in their order; what is no number is left out."""
    numbers = (int(value) for value in data.getlist("case") if _ID.fullmatch(value))
    return list(dict.fromkeys(numbers))[: MAX_BULK + 1]
