"""What is said with a decision, and when an exception is asked for."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..actions.exceptions import MAX_DAYS, MAX_REASON
from ..choices import Verdict


class DecideForm(forms.Form):
    """Approve or reject what was picked; a rejection says why."""

    verdict = forms.ChoiceField(choices=Verdict.choices, widget=forms.HiddenInput)
    comment = forms.CharField(
        label=_("Comment"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean_comment(self) -> str:
        """Without characters that no text has."""
        return str(self.cleaned_data["comment"]).strip()


class ExceptionForm(forms.Form):
    """Why somebody needs both sides of a conflict, and until which day."""

    reason = forms.CharField(
        label=_("Why are both needed?"), max_length=MAX_REASON, widget=forms.Textarea(attrs={"rows": 3})
    )
    ends_on = forms.DateField(
        label=_("Until"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("The last day. What is granted under the exception is taken away after it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial.setdefault("ends_on", timezone.localdate() + timedelta(days=30))

    def clean_ends_on(self) -> datetime:
        """The end of that day, for the reader."""
        day = self.cleaned_data["ends_on"]
        today = timezone.localdate()
        if not today < day < today + timedelta(days=MAX_DAYS):
            raise forms.ValidationError(
                _("Choose a day later than today and at most %(most)s days ahead."), params={"most": MAX_DAYS}
            )
        return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
