"""Files that a refused form lost: no browser fills a file field again, so the page says which one it was, and the next sending
without it is refused until somebody says that it goes without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext as _

from portal.audit.wording import listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.forms import BoundField

_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class LostFile:
    """What was chosen before the form was refused, and not again since."""

    name: str

    @property
    def text(self) -> str:
        """What is to be done."""
        return _("Choose the file again: %(name)s") % {"name": self.name}


@dataclass(frozen=True, slots=True)
class Again:
    """What the page says of a lost file: `marker` and `without` are names of inputs, empty where the field knows none."""

    text: str
    name: str
    marker: str = ""
    without: str = ""


class RememberingInput(forms.ClearableFileInput):
    """A file input that knows of what was chosen before its form was refused."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """The upload; of one that was lost and not chosen again, its name."""
        given = super().value_from_datadict(data, files, name)
        said = data.get(_marker(name), "")
        if given or not said or data.get(_without(name)):
            return given
        return LostFile(_printable(said))


def again_for(bound: BoundField) -> Again | None:
    """What to say at a file field of a form that was refused; None where nothing was lost. What is wrong with the file itself
    is said by the field."""
    widget = bound.field.widget
    if not isinstance(widget, forms.FileInput) or not bound.form.is_bound or not bound.form.errors:
        return None
    lost = _lost(bound)
    if lost is None:
        return None
    if not isinstance(widget, RememberingInput):
        return Again(lost.text, lost.name)
    without = "" if bound.field.required else _without(bound.html_name)
    return Again(lost.text, lost.name, _marker(bound.html_name), without)


def _lost(bound: BoundField) -> LostFile | None:
    data = bound.data
    if isinstance(data, LostFile):
        return data
    given: Iterable[Any] = data if isinstance(data, list | tuple) else [data]
    names = [_printable(str(one.name)) for one in given if getattr(one, "name", "")]
    return LostFile(listed(names)) if names and not bound.errors else None


def _marker(name: str) -> str:
    return f"{name}-chosen"


def _without(name: str) -> str:
    return f"{name}-without"


def _printable(text: str) -> str:
    return "".join(char for char in text if char.isprintable())[:_MOST]
