"""What the directory's forms have in common: refusals at their field, and the second of two editors told what changed."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.models import ModelChoiceField
from django.utils.translation import gettext_lazy as _

from portal.naming import in_language
from portal.refusals import RefusedError

from ..models.organisation import CODE
from .refusals import day_text, sentence

# Django's class takes no type argument at run time.
if TYPE_CHECKING:
    _ModelChoice = ModelChoiceField[Any]
else:
    _ModelChoice = ModelChoiceField


def text(label: Any, *, required: bool = True, max_length: int = 120, hint: Any = "") -> forms.CharField:
    """A line of text."""
    return forms.CharField(label=label, required=required, max_length=max_length, help_text=hint)


def day(label: Any, *, required: bool = True, hint: Any = "") -> forms.DateField:
    """A day, in the browser's own picker."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=required, help_text=hint, widget=widget, input_formats=["%Y-%m-%d"])


def code() -> forms.CharField:
    """A short code in capitals; lower case is taken as meant."""
    return UpperField(
        label=_("Code"), max_length=16, validators=[CODE], help_text=_("Up to 16 capital letters, digits and hyphens.")
    )


class UpperField(forms.CharField):
    """Text in capitals, however it was typed."""

    def to_python(self, value: Any) -> Any:
        """The text, upper case."""
        text = super().to_python(value)
        return text.upper() if text else text


class Choice(_ModelChoice):
    """A choice of named rows; their labels are in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:
        """The row's own label."""
        return in_language(obj.name, getattr(obj, "name_zh", "")) if hasattr(obj, "name") else str(obj)


class PersonChoice(_ModelChoice):
    """A choice of people, by the name they want to be called."""

    def label_from_instance(self, obj: Any) -> str:
        """The person's own label."""
        return str(obj.label)


class DirectoryForm(forms.Form):
    """A form over one row: its version travels along, so that nobody overwrites what they have not seen."""

    version = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.changed_meanwhile: list[tuple[str, str]] = []

    @property
    def seen_version(self) -> int:
        """The version that the form was filled from; 0 when it did not say."""
        return self.cleaned_data.get("version") or 0

    @staticmethod
    def initial_from(row: Any) -> dict[str, Any]:
        """The row's values by field name."""
        raise NotImplementedError

    def refuse(self, refused: RefusedError) -> None:
        """Put a refusal at its field, or over the form where it has none here."""
        field = refused.field if refused.field in self.fields else None
        self.add_error(field, sentence(refused))

    def show_conflict(self, row: Any) -> None:
        """Keep what was typed, say what the row holds now, and let the next attempt count as seen."""
        now = self.initial_from(row)
        for name, field in self.fields.items():
            if name in now and field.clean(self._raw(name)) != field.clean(now[name]):
                self.changed_meanwhile.append((str(field.label), self._shown(field, now[name])))
        data: Any = self.data
        data = data.copy()
        data[self.add_prefix("version")] = str(row.version)
        self.data = data

    def _raw(self, name: str) -> Any:
        return self[name].data

    def _shown(self, field: forms.Field, value: Any) -> str:
        clean = field.clean(value)
        if clean in (None, ""):
            return "–"
        if isinstance(field, ModelChoiceField):
            return field.label_from_instance(clean)
        if isinstance(field, forms.ChoiceField):
            labels: Any = field.choices
            return str(dict(labels).get(clean, clean))
        if isinstance(field, forms.BooleanField):
            return str(_("Yes") if clean else _("No"))
        return day_text(clean) if isinstance(field, forms.DateField) else str(clean)
