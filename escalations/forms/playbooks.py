"""Forms of playbooks: what one is for, and the steps of its draft."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from escalations.choices import Evidence, Reason, Severity
from escalations.forms.base import id_field, text_field
from portal.naming import in_language
from portal.ui.forms import choose
from portal.ui.versioned import VersionedForm

if TYPE_CHECKING:
    from escalations.forms.base import Choice
    from escalations.models import PlaybookStep
    from portal.refusals import RefusedError

MAX_ANSWERS: Final = 8
MAX_ANSWER: Final = 120
MAX_KEY: Final = 40
_BETWEEN: Final = "|"


def refusal_words(refused: RefusedError) -> str:
    """Why something about a playbook is not done."""
    return str(Reason(refused.code).label) % refused.params


class _Form(VersionedForm):
    def words_of(self, refused: RefusedError) -> str:
        """A refusal in the reader's language."""
        return refusal_words(refused)


class PlaybookForm(_Form):
    """The names of a playbook, and what it is for."""

    name = forms.CharField(label=_("Name"), max_length=120)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=120, required=False)
    service = id_field(_("Service"), required=False)
    issue_type = id_field(_("Issue type"), required=False, help_text=_("With those below it."))
    severity = forms.TypedChoiceField(
        label=_("Severity"), choices=[("", _("Any")), *Severity.choices], coerce=int, empty_value=None, required=False
    )

    def __init__(
        self, *args: Any, services: Sequence[Choice], issues: Sequence[Choice], for_all: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "service", [("", _("All services")), *services] if for_all else services)
        self.fields["service"].required = not for_all
        choose(self, "issue_type", [("", _("Any")), *issues])

    def matter(self) -> dict[str, int | None]:
        """What it is for, as columns."""
        data = self.cleaned_data
        return {
            "service_id": data["service"],
            "issue_type_id": data["issue_type"],
            "severity": data["severity"],
        }


class StepEditForm(_Form):
    """A step of the draft."""

    title = forms.CharField(label=_("Step"), max_length=200)
    title_zh = forms.CharField(label=_("Step in Chinese"), max_length=200, required=False)
    guidance = text_field(_("Guidance"), limit=4000, rows=3, required=False, help_text=_("How it is done, in short."))
    guidance_zh = text_field(_("Guidance in Chinese"), limit=4000, rows=3, required=False)
    required = forms.BooleanField(
        label=_("Required"), required=False, initial=True, help_text=_("The case is not resolved without it.")
    )
    evidence = forms.ChoiceField(
        label=_("What comes with it"), choices=Evidence.choices, initial=Evidence.NONE, required=False
    )
    answers = text_field(
        _("Answers"),
        limit=2000,
        rows=3,
        required=False,
        help_text=_("If the step asks a question: one answer a line, its Chinese after a bar: Yes | 是"),
    )
    only_if = forms.ChoiceField(label=_("When it is asked for"), required=False)

    def __init__(self, *args: Any, before: Sequence[PlaybookStep], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        branches = [(row.label, [_branch(row, one) for one in row.answers]) for row in before if row.answers]
        choose(self, "only_if", [("", _("Always")), *branches])

    def clean_answers(self) -> list[dict[str, str]]:
        """Each line as an answer; its key is made of its text, so that the same text stays the same answer."""
        lines = [line for line in self.cleaned_data["answers"].splitlines() if line.strip()]
        found = [_answer(line) for line in lines]
        if len(found) == 1 or len(found) > MAX_ANSWERS:
            raise forms.ValidationError(_now("Write two to eight answers, or none."))
        if len({one["text"].casefold() for one in found}) < len(found) or len({one["key"] for one in found}) < len(
            found
        ):
            raise forms.ValidationError(_now("Two answers are the same."))
        if any(not one["text"] or len(one["text"]) > MAX_ANSWER or len(one["text_zh"]) > MAX_ANSWER for one in found):
            raise forms.ValidationError(_now("Write at most 120 characters for an answer, and some before the bar."))
        return found

    def values(self) -> dict[str, Any]:
        """What was typed, as columns of a step."""
        data = dict(self.cleaned_data)
        data.pop("version")
        step, _colon, answer = data.pop("only_if").partition(":")
        return {**data, "evidence": data["evidence"] or Evidence.NONE, "only_if_step": step, "only_if_answer": answer}


def _branch(row: PlaybookStep, answer: dict[str, str]) -> tuple[str, str]:
    label = _now("only after: %(answer)s") % {"answer": in_language(answer["text"], answer["text_zh"])}
    return f"{row.key}:{answer['key']}", label


def _answer(line: str) -> dict[str, str]:
    text, _bar, text_zh = (part.strip() for part in line.partition(_BETWEEN))
    slug = slugify(text)[:MAX_KEY].strip("-")
    # Not all of a Chinese text comes into a slug, if any of it.
    whole = bool(slug) and not any(char.isalnum() for char in text if not slugify(char))
    return {"key": slug if whole else f"a{sha256(text.encode()).hexdigest()[:10]}", "text": text, "text_zh": text_zh}


def step_initial(row: PlaybookStep) -> dict[str, Any]:
    """A step as its form shows it."""
    names = ("title", "title_zh", "guidance", "guidance_zh", "required", "evidence")
    lines = [" | ".join(filter(None, (one["text"], one["text_zh"]))) for one in row.answers]
    only_if = f"{row.only_if_step}:{row.only_if_answer}" if row.only_if_step else ""
    return {name: getattr(row, name) for name in names} | {"answers": "\n".join(lines), "only_if": only_if}
