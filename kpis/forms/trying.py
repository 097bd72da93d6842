"""The form of "what if": other targets and weights for the lines of a card, other exclusions for its site."""

from collections.abc import Sequence
from copy import copy
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.models import ModelMultipleChoiceField
from django.utils.translation import gettext_lazy as _

from ..actions.contracts import thresholds_fault
from ..choices import ExclusionState, Unit
from ..models import Exclusion
from ..queries.contracts import Card, make_card
from ..wording.contracts import refusal
from .places import ByLabel

_THRESHOLDS = ("direction", "red", "target", "stretch", "target_high", "red_high")


# Django's class takes no type argument at run time.
if TYPE_CHECKING:
    _ModelChoices = ModelMultipleChoiceField[Any]
else:
    _ModelChoices = ModelMultipleChoiceField


class _Disputes(_ModelChoices):
    def label_from_instance(self, obj: Any) -> str:
        return _("%(day)s: %(reason)s (%(state)s)") % {
            "day": f"{obj.period.lower:%Y-%m-%d}",
            "reason": obj.get_reason_display(),
            "state": obj.get_state_display(),
        }


class TryForm(forms.Form):
    """Valid data are a card and exclusions; nothing is saved. Percents are typed as such."""

    def __init__(self, *args: Any, card: Card, sites: Any, site: Any, exclusions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._card, self._exclusions = card, exclusions
        self.fields["site"] = ByLabel(sites, label=_("Site"), to_field_name="code", initial=site.code, required=False)
        for line in card.lines:
            code = line.kpi.code
            self.fields[f"weight_{code}"] = _decimal(line.weight, min_value=0, max_value=100)
            self.fields[f"target_{code}"] = _decimal(line.target * _share(line))
        if exclusions.exists():
            self.fields["with"] = _Disputes(
                exclusions, label=_("Time ranges left out"), required=False, widget=forms.CheckboxSelectMultiple,
                initial=[one.pk for one in exclusions if one.state == ExclusionState.APPROVED],
            )  # fmt: skip
            self.fields["asked"] = forms.CharField(required=False, initial="1", max_length=1, widget=forms.HiddenInput)

    @property
    def rows(self) -> list[tuple[Any, Any, Any]]:
        """Each line's KPI with its two fields."""
        return [
            (line.kpi, self[f"weight_{line.kpi.code}"], self[f"target_{line.kpi.code}"]) for line in self._card.lines
        ]

    def clean(self) -> dict[str, Any]:
        """Thresholds in order, and something that counts."""
        data = super().clean() or {}
        if not self.errors:
            lines = self._lines()
            for line in lines:
                if fault := thresholds_fault({name: getattr(line, name) for name in _THRESHOLDS}):
                    self.add_error(f"target_{line.kpi.code}", refusal(fault))
            if not any(line.weight for line in lines):
                self.add_error(None, refusal("no_weight"))
        return data

    @property
    def card(self) -> Card | None:
        """The card with what was typed; None if that is what it says anyway."""
        lines = self._lines()
        same = all(
            (old.weight, old.target) == (new.weight, new.target)
            for old, new in zip(self._card.lines, lines, strict=True)
        )
        return None if same else make_card(self._card.schedule, lines, self._card.schedule.bands.all())

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

    def _lines(self) -> list[Any]:
        found = []
        for line in self._card.lines:
            changed, code = copy(line), line.kpi.code
            weight, target = self.cleaned_data.get(f"weight_{code}"), self.cleaned_data.get(f"target_{code}")
            changed.weight = line.weight if weight is None else weight
            changed.target = line.target if target is None else target / _share(line)
            found.append(changed)
        return found


def _share(line: Any) -> Decimal:
    return Decimal(100 if line.kpi.unit == Unit.PERCENT else 1)


def _decimal(value: Decimal, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(initial=f"{value.normalize():f}", required=False, max_digits=12, decimal_places=4, **more)
