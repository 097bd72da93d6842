"""Form fields as the design draws them: label, control, hint, error, tied together for screen readers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.forms import BaseForm, BoundField, CheckboxInput, CheckboxSelectMultiple, MultiWidget, RadioSelect, Textarea
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from portal.ui.lostfiles import again_for

_CHOICES = (RadioSelect, CheckboxSelectMultiple)
# Django gives every textarea ten rows; whoever wants that many says another number.
_DJANGO_ROWS, _ROWS = "10", "4"


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of the banner over a form; `target` is the id of the control, or "" for the whole form."""

    target: str
    label: str
    text: str


def render_field(bound: BoundField, extra: str = "") -> SafeString:
    """The whole field; `extra` are further classes of its control."""
    if bound.is_hidden:
        return bound.as_widget()
    return render_to_string("ui/forms/_field.html", field_context(bound, extra))


def field_context(bound: BoundField, extra: str = "") -> dict[str, Any]:
    """What `ui/forms/_field.html` needs."""
    widget, ident = bound.field.widget, bound.auto_id
    kind, again = _kind(widget), again_for(bound)
    errors = _errors(bound)
    described = " ".join(
        part for part, wanted in ((f"{ident}_hint", bound.help_text), (f"{ident}_error", errors)) if wanted and ident
    )
    context = {"field": bound, "kind": kind, "id": ident, "described": described, "errors": errors, "again": again}
    if kind != "choices":
        context["control"] = bound.as_widget(attrs=_attrs(bound, kind, described, extra))
    return context


def _errors(bound: BoundField) -> list[str]:
    """What is wrong with the field, and what its form lost of it."""
    found = [str(text) for text in bound.errors]
    again = again_for(bound)
    return found if again is None or again.text in found else [*found, again.text]


def _kind(widget: object) -> str:
    if isinstance(widget, _CHOICES):
        return "choices"
    if isinstance(widget, CheckboxInput):
        return "check"
    return "group" if isinstance(widget, MultiWidget) else "input"


def _attrs(bound: BoundField, kind: str, described: str, extra: str) -> dict[str, Any]:
    own = str(bound.field.widget.attrs.get("class", ""))
    classes = " ".join(part for part in ("" if kind == "check" else "input", own, extra) if part)
    attrs: dict[str, Any] = {"class": classes} if classes else {}
    if described:
        attrs["aria-describedby"] = described
    if isinstance(bound.field.widget, Textarea) and bound.field.widget.attrs.get("rows") == _DJANGO_ROWS:
        attrs["rows"] = _ROWS
    return attrs


def problems(form: BaseForm) -> list[Problem]:
    """Everything that is wrong with a form, in the order of its fields."""
    found = [Problem("", "", str(text)) for text in form.non_field_errors()]
    for bound in form:
        target = "" if bound.is_hidden else _target(bound)
        found += [Problem(target, str(bound.label), text) for text in _errors(bound)]
    return found


def _target(bound: BoundField) -> str:
    return bound.auto_id if isinstance(bound.field.widget, _CHOICES) else bound.id_for_label or bound.auto_id
