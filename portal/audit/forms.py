"""What the trail can be filtered by."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.audit import registry

_MAX_ID = 2**63 - 1


class AuditFilter(forms.Form):
    """All optional; a value that makes no sense is said at its field, and nothing is listed."""

    actor = forms.CharField(label=_("Who"), max_length=120, required=False)
    verb = forms.ChoiceField(label=_("Did what"), required=False)
    subject_type = forms.ChoiceField(label=_("To what"), required=False)
    subject_id = forms.IntegerField(label=_("Number"), min_value=1, max_value=_MAX_ID, required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        anything = [("", _("Anything"))]
        verbs = sorted(registry.verbs().items(), key=lambda item: str(item[1]))
        subjects = [(key, source.label) for key, source in registry.subjects().items()]
        self._choose("verb", [*anything, *verbs])
        self._choose("subject_type", [*anything, *sorted(subjects, key=lambda item: str(item[1]))])

    def _choose(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def clean(self) -> dict[str, Any]:
        """The period must not be backwards."""
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and until < since:
            self.add_error("until", _("Choose a day not before the first."))
        return data

    def period(self) -> tuple[datetime | None, datetime | None]:
        """The chosen days in the reader's time zone as instants, the end exclusive."""
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        return _start(since), _start(until, after=True)


def _start(day: Any, *, after: bool = False) -> datetime | None:
    if day is None:
        return None
    try:
        local = datetime.combine(day, time.min, timezone.get_current_timezone()) + timedelta(days=int(after))
        return local.astimezone(UTC)
    except OverflowError:  # the first and the last day there are
        return None
