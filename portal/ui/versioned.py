"""Forms over a row that others change too, and how such forms and buttons answer: what is refused, and the second of two editors told what changed."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from portal.audit.queries import audit_of
from portal.refusals import ConflictError, RefusedError
from portal.ui.htmx import flash

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

#: How the trail calls such rows: by one name, or by the class of the row.
type Subject = str | Mapping[type[Any], str]

MAX_VERSION: Final = 2**31 - 1


class VersionedForm(forms.Form):
    """A form over one row: its version travels along, so that nobody overwrites what they have not seen. A wing's own says in which words it refuses."""

    version = forms.IntegerField(required=False, min_value=1, max_value=MAX_VERSION, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.changed_meanwhile: list[tuple[str, str]] = []

    @property
    def seen_version(self) -> int:
        """The version that the form was filled from; 0 when it did not say."""
        return self.cleaned_data.get("version") or 0

    def words_of(self, refused: RefusedError) -> str:
        """A refusal in the reader's language."""
        raise NotImplementedError

    def field_of(self, name: str) -> str:
        """The form's own name for a field that a refusal names."""
        return name

    def refuse(self, refused: RefusedError) -> None:
        """Put a refusal at its field, or over the form where it has none here."""
        name = self.field_of(refused.field or "")
        self.add_error(name if name in self.fields else None, self.words_of(refused))

    def show_conflict(self, now: Mapping[str, Any]) -> None:
        """Keep what was typed, say what stands now (`now` by field, with "version"), and let the next attempt count as seen."""
        for name, field in self.fields.items():
            if name in now and name != "version" and self.differs(name, now[name]):
                self.changed_meanwhile.append((str(self[name].label), self.shown(field, now[name])))
        data: Any = self.data
        data = data.copy()
        data[self.add_prefix("version")] = str(now["version"])
        self.data = data

    def differs(self, name: str, value: Any) -> bool:
        """Whether what was typed in a field is something else than this value."""
        return self.fields[name].has_changed(value, self[name].data)

    def shown(self, field: forms.Field, value: Any) -> str:
        """A value that somebody else gave a field, in the reader's language."""
        if isinstance(field, forms.BooleanField):
            return _("Yes") if value else _("No")
        if isinstance(field, forms.ChoiceField):
            names = {str(key): str(label) for key, label in _pairs(field.choices)}
            values = value if isinstance(value, list | tuple) else [value]
            return ", ".join(names.get(str(one), "–" if one is None else str(one)) for one in values)
        return "–" if value in (None, "") else str(field.prepare_value(value))


def edit(
    request: HttpRequest, form: VersionedForm, save: "Callable[[], tuple[str, StrOrPromise]]",
    now: Callable[[Any], Mapping[str, Any]], subject: Subject, show: Callable[[int, str], HttpResponse],
) -> HttpResponse:  # fmt: skip
    """Show a form by `show(status, conflict)`; on POST save it and go where `save` says. 422 when it is refused, 409 when somebody else was faster.

    `now`: what a row holds, by field.
    """
    status, conflict = 200, ""
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                url, text = save()
            except RefusedError as refused:
                form.refuse(refused)
            except ConflictError as found:
                form.show_conflict(now(found.row))
                conflict, status = conflict_text(subject, found.row), 409
            else:
                flash(request, text)
                return redirect(url)
    return show(status, conflict)


def press(
    request: HttpRequest, act: Callable[[], Any], url: str, text: str, words: Callable[[RefusedError], str],
    undo_url: str | None = None, subject: Subject = "",
) -> HttpResponse:  # fmt: skip
    """Answer a button: do it, go to the address, and say there what happened or, in the wing's `words`, why not. `subject`:
    how the trail calls what somebody else may have changed first."""
    try:
        act()
    except RefusedError as refused:
        flash(request, words(refused), tone="red")
    except ConflictError as found:
        flash(request, conflict_text(subject, found.row), tone="red")
    else:
        flash(request, text, undo_url=undo_url)
    return redirect(url)


def conflict_text(subject: Subject, row: Any) -> str:
    """Who was faster, as far as the trail knows."""
    last = audit_of(subject if isinstance(subject, str) else subject[type(row)], row.pk, limit=1)
    name = last[0].actor.text if last and last[0].actor else ""
    if not name:
        return _("Not saved. Somebody else changed this a moment ago.")
    return _("Not saved. %(name)s changed this a moment ago.") % {"name": name}


def _pairs(choices: Any) -> list[tuple[Any, Any]]:
    rows = list(choices() if callable(choices) else choices)
    return [pair for key, label in rows for pair in (label if isinstance(label, list | tuple) else [(key, label)])]
