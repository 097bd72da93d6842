"""The list of a shift: for each case what becomes of it, and a line about it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from escalations.choices import Reason
from escalations.choices.shifts import ShiftWay
from escalations.queries.shifts import LINE_LENGTH, Handed
from escalations.rules.assigning import weight_of

if TYPE_CHECKING:
    from escalations.queries.assigning import Member


@dataclass(frozen=True, slots=True)
class FormLine:
    """A case with its two controls; None for both where it cannot go."""

    handed: Handed
    way: forms.BoundField | None
    text: forms.BoundField | None
    chosen: str = ""
    words: str = ""

    @property
    def way_label(self) -> str:
        """What becomes of it, as chosen."""
        return str(ShiftWay(self.chosen).label) if self.chosen in ShiftWay.values else ""


class ShiftForm(forms.Form):
    """One pair of fields for every case that can go to this taker."""

    def __init__(
        self, *args: Any, handed: Sequence[Handed], ways: Mapping[int, Collection[str]], taker: Member, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.handed, self.ways, self.taker = handed, ways, taker
        for one in handed:
            if ways[one.case.pk]:
                self._add(one, ways[one.case.pk])

    def _add(self, one: Handed, ways: Collection[str]) -> None:
        pk, ref = one.case.pk, one.case.ref
        self.fields[f"way_{pk}"] = forms.ChoiceField(
            label=_("What becomes of %(ref)s") % {"ref": ref},
            choices=[(way, ShiftWay(way).label) for way in ways],
            widget=forms.Select(attrs={"class": "input", "aria-label": _("What becomes of %(ref)s") % {"ref": ref}}),
        )
        self.fields[f"line_{pk}"] = forms.CharField(
            label=_("Line about %(ref)s") % {"ref": ref},
            max_length=LINE_LENGTH,
            required=one.needs_line,
            initial=one.begun,
            error_messages={"required": _("Write a line: S1 and S2 are not handed over without one.")},
            widget=forms.TextInput(
                attrs={
                    "class": "input",
                    "aria-label": _("Line about %(ref)s") % {"ref": ref},
                    "placeholder": _now("One line, required") if one.needs_line else _now("One line"),
                }
            ),
        )

    def clean(self) -> dict[str, Any]:
        """Not more than the taker's cap."""
        data = super().clean() or self.cleaned_data
        free, more = self.taker.candidate, self.added()
        if more and free.cap is not None and free.load + more > free.cap:
            raise forms.ValidationError(_now(str(Reason.TAKER_AT_CAP.label)) % {"name": self.taker.name})
        return data

    def added(self) -> int:
        """The weight of what moves, as far as it was chosen."""
        data = self.cleaned_data
        moved = (one.case for one in self.handed if data.get(f"way_{one.case.pk}") == ShiftWay.MOVES)
        return sum(weight_of(case.severity) for case in moved)

    def lines(self) -> Iterator[FormLine]:
        """Every case in its order, as the page shows it."""
        data = getattr(self, "cleaned_data", {})
        for one in self.handed:
            pk = one.case.pk
            if f"way_{pk}" not in self.fields:
                yield FormLine(one, None, None)
                continue
            way, text = f"way_{pk}", f"line_{pk}"
            yield FormLine(one, self[way], self[text], data.get(way, ""), data.get(text, ""))
