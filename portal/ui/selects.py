"""Lists to choose from, drawn in Python: a filter offers hundreds of people, and Django draws each option by two templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils.formats import localize
from django.utils.html import conditional_escape
from django.utils.safestring import SafeData, SafeString

SELECT: Final = "django/forms/widgets/select.html"
OPTION: Final = "django/forms/widgets/select_option.html"


def is_plain(template: str, widget: Mapping[str, Any]) -> bool:
    """Whether this is Django's list with Django's options, and so one that `select_html` draws."""
    return template == SELECT and all(
        option["template_name"] == OPTION for _group, options, _at in widget["optgroups"] for option in options
    )


def select_html(widget: Mapping[str, Any]) -> SafeString:
    """As Django's own templates draw it, to the letter."""
    groups = "".join([_group(name, options) for name, options, _at in widget["optgroups"]])
    name = conditional_escape(localize(widget["name"]))
    return SafeString(f'<select name="{name}"{_attrs(widget["attrs"])}>{groups}\n</select>')


def _group(name: Any, options: Iterable[Mapping[str, Any]]) -> str:
    shown = "".join([_option(one) for one in options])
    return f'\n  <optgroup label="{conditional_escape(localize(name))}">{shown}\n  </optgroup>' if name else shown


def _option(option: Mapping[str, Any]) -> str:
    label = conditional_escape(localize(option["label"]))
    return f'\n  <option value="{_value(option["value"])}"{_attrs(option["attrs"])}>{label}</option>\n'


def _attrs(attrs: Mapping[str, Any]) -> str:
    """Attributes that are not false; a true one has no value."""
    return "".join(
        f" {conditional_escape(name)}" if value is True else f' {conditional_escape(name)}="{_value(value)}"'
        for name, value in attrs.items()
        if value is not False
    )


def _value(value: object) -> str:
    """As it is written, numbers too: 1234 and not 1,234."""
    return str(value) if isinstance(value, SafeData) else conditional_escape(str(value))
