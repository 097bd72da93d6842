"""Fields of the wing: rows by their label, months, and times as clocks at a site show them."""

from datetime import date
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.forms.models import ModelChoiceField
from django.utils.translation import gettext_lazy as _

from ..rules import periods

# Django's class takes no type argument at run time.
if TYPE_CHECKING:
    from django.db.models import QuerySet

    _ModelChoice = ModelChoiceField[Any]
else:
    _ModelChoice = ModelChoiceField


class ByLabel(_ModelChoice):
    """A choice of named rows, in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:
        """The row's own label."""
        return str(obj.label)


class QueueOfSite(ByLabel):
    """A choice among the queues of several sites."""

    def label_from_instance(self, obj: Any) -> str:
        """`Cebu · Voice`."""
        return f"{obj.programme.site.label} · {obj.label}"


def offer(form: forms.BaseForm, name: str, rows: "QuerySet[Any]") -> None:
    """What a field of the form may choose among."""
    cast("ModelChoiceField[Any]", form.fields[name]).queryset = rows


class MonthField(forms.CharField):
    """A month, as its first day; in the browser's own picker."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"type": "month", "placeholder": "2026-01"}))
        super().__init__(max_length=7, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """A day as its month."""
        return f"{value:%Y-%m}" if isinstance(value, date) else value

    def clean(self, value: Any) -> Any:
        """The first day of the month, None for an empty one."""
        text = super().clean(value)
        if not text:
            return None
        found = periods.parse(text)
        if found is None or found.grain != "month":
            raise forms.ValidationError(_("A month is written as in 2026-01."))
        return found.first
