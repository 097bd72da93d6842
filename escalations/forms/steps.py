"""What is said of a step of a playbook."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from escalations.choices import Evidence, StepWhat
from escalations.forms.base import MAX_REASON, text_field
from portal.files.forms import UploadField
from portal.naming import in_language

if TYPE_CHECKING:
    from escalations.models import PlaybookStep

_SEEN: Final = re.compile(r"\A([0-9]{1,9})\.([0-9]{1,18})\Z", re.ASCII)


def seen_in(said: str) -> tuple[int, int] | None:
    """What a form was based on (`Followed.seen`), as it carries it; None where it makes no sense."""
    found = _SEEN.match(said)
    return (int(found[1]), int(found[2])) if found else None


class StepForm(forms.Form):
    """One thing that may be said of a step: that it is done, with what it asks for; skipped, with why; or open again."""

    what = forms.ChoiceField(choices=StepWhat.choices, widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, validators=[RegexValidator(_SEEN)])
    answer = forms.ChoiceField(label=_("Choose an answer"), widget=forms.RadioSelect)
    text = text_field(_("What was done"), rows=3)
    file = UploadField(label=_("File that shows it"))

    def __init__(self, step: PlaybookStep, what: str, *args: Any, **kwargs: Any) -> None:
        kwargs["auto_id"] = f"id_{step.key}_{what}_%s"
        super().__init__(*args, **kwargs)
        done = what == StepWhat.DONE
        self._ask("answer", done and bool(step.answers))
        self._ask("file", done and step.evidence == Evidence.FILE)
        self._ask("text", (done and step.evidence == Evidence.TEXT) or what == StepWhat.SKIPPED)
        if "answer" in self.fields:
            field: Any = self.fields["answer"]
            field.choices = [(one["key"], in_language(one["text"], one["text_zh"])) for one in step.answers]
        if what == StepWhat.SKIPPED:
            self.fields["text"] = text_field(_("Why it is skipped"), limit=MAX_REASON, rows=2)

    def _ask(self, name: str, wanted: bool) -> None:
        if not wanted:
            del self.fields[name]

    @property
    def seen_counts(self) -> tuple[int, int] | None:
        """What the form was based on, once it is valid."""
        return seen_in(self.cleaned_data["seen"])
