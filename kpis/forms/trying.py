"""The form of "what if": other terms for the lines of a card, other exclusions for its site. Nothing of it is saved."""

from collections.abc import Mapping, Sequence
from copy import copy
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.forms.models import ModelMultipleChoiceField
from django.utils.translation import gettext_lazy as _

from ..actions.contracts import thresholds_fault
from ..choices import Direction, ExclusionState, Unit
from ..models import Exclusion
from ..queries.contracts import Card, make_card
from ..wording.contracts import refusal
from ..wording.periods import day_text
from .places import ByLabel

# What can be tried, in the order of the columns. Of these, an empty cell takes away what the contract says.
COLUMNS: Final[Mapping[str, Any]] = {
    "weight": _("Weight in %"),
    "red": _("Red"),
    "target": _("Target"),
    "target_high": _("Target, upper end"),
    "red_high": _("Red, upper end"),
    "stretch": _("Stretch"),
    "minimum_n": _("Smallest sample"),
    "gate_cap": _("Gate: if red, the total is at most"),
}
_OPTIONAL: Final = frozenset({"stretch", "gate_cap"})
_VALUES: Final = ("red", "target", "stretch", "target_high", "red_high")
_THRESHOLDS: Final = ("direction", *_VALUES)
_MOST: Final = {"weight": 100, "gate_cap": 1000}
_ONLY_BAND: Final = frozenset({"target_high", "red_high"})


# Django's class takes no type argument at run time.
if TYPE_CHECKING:
    _ModelChoices = ModelMultipleChoiceField[Any]
else:
    _ModelChoices = ModelMultipleChoiceField


class _Disputes(_ModelChoices):
    def label_from_instance(self, obj: Any) -> str:
        return _named(obj)


def _named(dispute: Exclusion) -> str:
    return _("%(day)s: %(reason)s (%(state)s)") % {
        "day": day_text(dispute.first_day),
        "reason": dispute.get_reason_display(),
        "state": dispute.get_state_display(),
    }


class TryForm(forms.Form):
    """Valid data are changes of a card, and exclusions. Percents are typed as such."""

    def __init__(self, *args: Any, card: Card, sites: Any, site: Any, exclusions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._card, self._exclusions = card, exclusions
        self.fields["site"] = ByLabel(sites, label=_("Site"), to_field_name="code", initial=site.code, required=False)
        for line in card.lines:
            for name in _names(line):
                self.fields[f"{name}_{line.kpi.code}"] = _field(line, name)
        if exclusions.exists():
            self.fields["with"] = _Disputes(
                exclusions, label=_("Time ranges left out"), required=False, widget=forms.CheckboxSelectMultiple,
                initial=[one.pk for one in exclusions if one.state == ExclusionState.APPROVED],
            )  # fmt: skip
            self.fields["asked"] = forms.CharField(required=False, initial="1", max_length=1, widget=forms.HiddenInput)

    @property
    def columns(self) -> list[tuple[str, Any]]:
        """The columns that some line has a use for."""
        used = {name for line in self._card.lines for name in _names(line)}
        return [(name, label) for name, label in COLUMNS.items() if name in used]

    @property
    def rows(self) -> list[tuple[Any, list[Any]]]:
        """Each line's KPI with its fields in the order of the columns; None where it has none."""
        return [
            (
                line.kpi,
                [self[f"{name}_{line.kpi.code}"] if name in _names(line) else None for name, _label in self.columns],
            )
            for line in self._card.lines
        ]

    def clean(self) -> dict[str, Any]:
        """Thresholds in order, and something that counts."""
        data = super().clean() or {}
        if not self.errors:
            lines = [self._typed(line) for line in self._card.lines]
            for line in lines:
                if fault := _fault(line):
                    self.add_error(f"target_{line.kpi.code}", refusal(fault))
            if not any(line.weight for line in lines):
                self.add_error(None, refusal("no_weight"))
        return data

    @property
    def changes(self) -> bool:
        """Whether anything of the card was typed otherwise."""
        return any(self._changes(line) for line in self._card.lines)

    def change(self, card: Card) -> Card:
        """A month's card with what was typed. Of a line whose own thresholds do not go with it, all are those typed."""
        shown = {line.kpi_id: line for line in self._card.lines}
        lines = [
            _with(line, self._changes(shown[line.kpi_id])) if line.kpi_id in shown else line for line in card.lines
        ]
        whole = [_with(line, _of(self._typed(shown[line.kpi_id]))) if _fault(line) else line for line in lines]
        return make_card(card.schedule, whole, card.schedule.bands.all())

    @property
    def left_out(self) -> list[str]:
        """The ranges that would not count, as they are called."""
        approved = (one for one in self._exclusions if one.state == ExclusionState.APPROVED)
        return [_named(one) for one in (self._chosen() if self.is_bound else approved)]

    @property
    def with_(self) -> tuple[Exclusion, ...]:
        """Proposed ranges that would count as left out."""
        return tuple(one for one in self._chosen() if one.state != ExclusionState.APPROVED)

    @property
    def without(self) -> tuple[Exclusion, ...]:
        """Approved ranges that would count again."""
        chosen = {one.pk for one in self._chosen()}
        return tuple(one for one in self._exclusions if one.state == ExclusionState.APPROVED and one.pk not in chosen)

    def _chosen(self) -> Sequence[Exclusion]:
        if "with" not in self.fields or not self.cleaned_data.get("asked"):
            return [one for one in self._exclusions if one.state == ExclusionState.APPROVED]
        return list(self.cleaned_data["with"])

    def _changes(self, line: Any) -> dict[str, Any]:
        """What was typed otherwise than the line says it. What the address does not name stays."""
        found = {}
        for name in _names(line):
            key = f"{name}_{line.kpi.code}"
            value = self.cleaned_data.get(key)
            if key not in self.data or (value is None and name not in _OPTIONAL):
                continue
            value = value / _share(line) if value is not None and name in _VALUES else value
            if value != getattr(line, name):
                found[name] = value
        return found

    def _typed(self, line: Any) -> Any:
        return _with(line, self._changes(line))


def _names(line: Any) -> list[str]:
    """What a line of this direction has a use for."""
    unused = {"stretch"} if line.direction == Direction.BAND else _ONLY_BAND
    return [name for name in COLUMNS if name not in unused]


def _with(line: Any, changes: Mapping[str, Any]) -> Any:
    changed = copy(line)
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed


def _of(line: Any) -> dict[str, Any]:
    return {name: getattr(line, name) for name in _THRESHOLDS}


def _fault(line: Any) -> str:
    return thresholds_fault(_of(line))


def _share(line: Any) -> Decimal:
    return Decimal(100 if line.kpi.unit == Unit.PERCENT else 1)


def _field(line: Any, name: str) -> forms.Field:
    """The field of one cell, with what the contract says."""
    held = getattr(line, name)
    named = _("%(column)s: %(kpi)s") % {"column": COLUMNS[name], "kpi": line.kpi.label}
    options: dict[str, Any] = {"label": named, "required": False}
    attributes = {"class": "input", "step": "any", "aria-label": named}
    if name == "minimum_n":
        attributes["step"] = "1"
        options |= {"initial": held, "min_value": 0, "max_value": 10**9}
        return forms.IntegerField(widget=forms.NumberInput(attributes), **options)
    options["initial"] = None if held is None else f"{(held * (_share(line) if name in _VALUES else 1)).normalize():f}"
    if name in _MOST:
        options |= {"min_value": 0, "max_value": _MOST[name]}
    return forms.DecimalField(max_digits=12, decimal_places=4, widget=forms.NumberInput(attributes), **options)
