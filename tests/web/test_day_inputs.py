"""A browser takes days and hours in one form alone, whatever the reader's language: else the field of a Chinese reader is empty."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.urls import get_resolver
from django.utils import translation

#: What HTML asks for, by the type of the control.
FORMATS = {"date": "%Y-%m-%d", "time": "%H:%M", "datetime-local": "%Y-%m-%dT%H:%M"}


def kinds(of: type[Any] = forms.BaseForm) -> Iterator[type[Any]]:
    """Every form of the portal."""
    for one in of.__subclasses__():
        yield one
        yield from kinds(one)


def controls() -> Iterator[tuple[str, Any]]:
    """Controls for days and hours, by name."""
    assert get_resolver().url_patterns, "views, and with them their forms, are there"
    for form in kinds():
        for name, field in getattr(form, "base_fields", {}).items():
            for widget in [field.widget, *getattr(field.widget, "widgets", ())]:
                if isinstance(widget, forms.DateInput | forms.TimeInput | forms.DateTimeInput):
                    yield f"{form.__module__}.{form.__name__}.{name}", widget


def test_each_is_written_as_browsers_read_it() -> None:
    found = dict(controls())
    assert "reviews.forms.actions.ActionForm.due" in found
    with translation.override("zh-hans"):
        wrong = {
            name: widget.format
            for name, widget in found.items()
            if widget.attrs.get("type", widget.input_type) in FORMATS
            and widget.format not in {FORMATS[widget.attrs.get("type", widget.input_type)], "%Y-%m-%dT%H:%M:%S"}
        }
    assert wrong == {}
