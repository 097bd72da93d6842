"""What the directory's forms have in common: refusals at their field, and the second of two editors told what changed."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.models import ModelChoiceField
from django.utils.translation import gettext_lazy as _

from portal.naming import in_language
from portal.refusals import RefusedError
from portal.ui.versioned import VersionedForm

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


class DirectoryForm(VersionedForm):
    """A form over one row of the directory."""

    @staticmethod
    def initial_from(row: Any) -> dict[str, Any]:
        """The row's values by field name."""
        raise NotImplementedError

    def standing(self, row: Any) -> dict[str, Any]:
        """The same with the version, for whoever was slower."""
        return {**self.initial_from(row), "version": row.version}

    def words_of(self, refused: RefusedError) -> str:
        """A refusal in the reader's language."""
        return sentence(refused)

    def differs(self, name: str, value: Any) -> bool:
        """Whether what was typed means something else: rows are the same by any of their names."""
        field = self.fields[name]
        return bool(field.clean(self[name].data) != field.clean(value))

    def shown(self, field: forms.Field, value: Any) -> str:
        """The value by the label of its row, and days as the wing writes them."""
        clean = field.clean(value)
        if clean in (None, ""):
            return "–"
        if isinstance(field, ModelChoiceField):
            return field.label_from_instance(clean)
        if isinstance(field, forms.DateField):
            return day_text(clean)
        return super().shown(field, clean)
