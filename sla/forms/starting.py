"""The form of the first policies: suggested targets in hours, to be changed before they are made."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from sla import registry
from sla.actions.starting import ALWAYS
from sla.choices import MAX_MINUTES
from sla.models import Calendar
from sla.models.calendars import in_language
from sla.queries import calendar_choices
from sla.registry import StarterPolicy

_HOUR: Final = 60
_NEW: Final = "new"


class StarterForm(forms.Form):
    """One calendar for all, and a grid of hours: a row per policy, a column per metric. Empty: no clock."""

    calendar = forms.ChoiceField(
        label=_("Calendar"), help_text=_("The hours that count. Each policy can be given another one later.")
    )

    def __init__(self, *args: Any, kind: registry.SubjectKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        known = [(str(pk), label) for pk, label in calendar_choices()]
        # Its name is unique among calendars in use.
        free = not Calendar.objects.filter(name__iexact=ALWAYS[0], archived_at=None).exists()
        fields: dict[str, Any] = self.fields
        fields["calendar"].choices = [*known, *([(_NEW, _("A new one, open around the clock"))] if free else [])]
        for at, starter in enumerate(kind.starters):
            for metric, minutes in starter.minutes.items():
                self.fields[f"{metric}-{at}"] = self._hours(starter, metric, minutes)

    def _hours(self, starter: StarterPolicy, metric: str, minutes: int) -> forms.DecimalField:
        label = _("%(policy)s, %(clock)s in hours") % {
            "policy": in_language(starter.name, starter.name_zh),
            "clock": self.kind.metric_label(metric),
        }
        return forms.DecimalField(
            label=label,
            required=False,
            min_value=Decimal("0.1"),
            max_value=MAX_MINUTES // _HOUR,
            decimal_places=1,
            initial=Decimal(minutes) / _HOUR,
            error_messages={"min_value": _("Write 0.1 or more, or leave it empty.")},
            widget=forms.NumberInput(attrs={"class": "input", "aria-label": label, "inputmode": "decimal"}),
        )

    @property
    def columns(self) -> list[str]:
        """The metrics over the grid."""
        return [str(self.kind.metric_label(metric)) for metric in self.kind.metrics]

    @property
    def grid(self) -> list[tuple[str, list[forms.BoundField | None]]]:
        """A row per policy: its name and a field per metric."""
        return [
            (
                in_language(starter.name, starter.name_zh),
                [self[f"{metric}-{at}"] if metric in starter.minutes else None for metric in self.kind.metrics],
            )
            for at, starter in enumerate(self.kind.starters)
        ]

    def clean(self) -> dict[str, Any]:
        """At least one target, or no clock would run."""
        data = super().clean() or self.cleaned_data
        if not self.errors and not self.chosen():
            self.add_error(None, _("Give at least one target."))
        return data

    @property
    def calendar_id(self) -> int | None:
        """The chosen calendar; None for a new one."""
        value: str = self.cleaned_data["calendar"]
        return None if value == _NEW else int(value)

    def chosen(self) -> Sequence[tuple[StarterPolicy, Mapping[str, int]]]:
        """The policies that have a target, with their minutes by metric."""
        found = []
        for at, starter in enumerate(self.kind.starters):
            hours = {metric: self.cleaned_data.get(f"{metric}-{at}") for metric in starter.minutes}
            minutes = {metric: int(value * _HOUR) for metric, value in hours.items() if value}
            if minutes:
                found.append((starter, minutes))
        return found
