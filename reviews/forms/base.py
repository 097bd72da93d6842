"""What forms of the wing have in common: a version that travels along, and refusals at their fields."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms

from portal.refusals import RefusedError

from ..wording import refusal_text

_VERSION: Final = 2**31 - 1


def choose(form: forms.Form, name: str, choices: list[Any]) -> forms.ChoiceField:
    """Give a field of the form its choices, which are not known before."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices
    return field


class VersionedForm(forms.Form):
    """A form over one row: its version travels along, so that nobody overwrites what they have not seen."""

    version = forms.IntegerField(required=False, min_value=1, max_value=_VERSION, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.changed_meanwhile: list[tuple[str, str]] = []

    @property
    def seen_version(self) -> int:
        """The version that the form was filled from; 0 when it did not say."""
        return self.cleaned_data.get("version") or 0

    def refuse(self, refused: RefusedError) -> None:
        """Put a refusal at its field, or over the form where it has none here."""
        self.add_error(
            refused.field if refused.field in self.fields else None, refusal_text(refused.code, refused.params)
        )

    def show_conflict(self, now: Mapping[str, Any]) -> None:
        """Keep what was typed, say what stands now (`now` by field, with "version"), and let the next attempt count as seen."""
        for name in now:
            if name in self.fields and name != "version" and str(self[name].value()) != str(now[name]):
                self.changed_meanwhile.append((str(self[name].label), _shown(self.fields[name], now[name])))
        data: Any = self.data
        data = data.copy()
        data["version"] = str(now["version"])
        self.data = data


def _shown(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.ChoiceField):
        names = {str(key): str(label) for key, label in _pairs(field.choices)}
        values = value if isinstance(value, list | tuple) else [value]
        return ", ".join(names.get(str(one), str(one)) for one in values)
    return str(field.prepare_value(value))


def _pairs(choices: Any) -> list[tuple[Any, Any]]:
    return list(choices() if callable(choices) else choices)
