"""Feedback: four ratings in words, what was good, what to try; and an answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from escalations.actions import MAX_FEEDBACK, Opinion
from escalations.choices.feedback import Criterion, Rating
from escalations.forms.base import text_field
from escalations.models import PeerFeedback


class FeedbackForm(forms.Form):
    """What somebody thinks of a colleague's work on a case."""

    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput, required=False)
    good = text_field(_("What was good"), limit=MAX_FEEDBACK)
    to_try = text_field(_("What to try next time"), limit=MAX_FEEDBACK, required=False)

    def __init__(self, *args: Any, before: PeerFeedback | None = None, **kwargs: Any) -> None:
        names = (*Criterion.values, "good", "to_try", "version")
        kwargs["initial"] = {name: getattr(before, name) for name in names} if before else {"version": 0}
        super().__init__(*args, **kwargs)
        for one in Criterion:
            self.fields[one.value] = forms.TypedChoiceField(
                label=one.label, choices=[(str(value), label) for value, label in Rating.choices], coerce=int, widget=forms.RadioSelect
            )  # fmt: skip

    def ratings(self) -> Iterator[forms.BoundField]:
        """The criteria, in their order."""
        return (self[one.value] for one in Criterion)

    def opinion(self) -> Opinion:
        """As an action takes it."""
        data = self.cleaned_data
        return Opinion({one.value: data[one.value] for one in Criterion}, data["good"], data["to_try"])


class AnswerForm(forms.Form):
    """What the receiver says to it."""

    answer = text_field(_("Your answer"), limit=MAX_FEEDBACK, help_text=_("Once. Whoever gave the feedback reads it."))
