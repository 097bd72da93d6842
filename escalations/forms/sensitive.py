"""Who may know: sensitivity, grants, break-glass, redaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from escalations.choices import Sensitivity
from escalations.forms.base import Choice, Versioned, focus, id_field, reason_field, set_choices

MIN_BREAK_GLASS_REASON = 10


class SensitivityForm(Versioned):
    """Who may know that the case exists."""

    sensitivity = forms.ChoiceField(label=_("Sensitivity"), choices=Sensitivity.choices, widget=forms.RadioSelect)
    reason = reason_field(_("Note"), required=False, help_text=_("Stands in the activity, for colleagues only."))


class GrantForm(forms.Form):
    """Leave for one person to see one restricted case."""

    user = id_field(_("Person"))
    reason = reason_field()

    def __init__(self, *args: Any, users: Iterable[Choice] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "user", [("", _("Choose")), *users])


class RevokeForm(forms.Form):
    """One grant that ends now."""

    grant = forms.IntegerField(min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)


class BreakGlassForm(forms.Form):
    """An emergency: one case for an hour, reviewed afterwards."""

    ref = forms.CharField(label=_("Case"), max_length=24, help_text=_("The reference, like EC-20418."))
    reason = reason_field(
        _("Why you need it now"),
        min_length=MIN_BREAK_GLASS_REASON,
        help_text=_("At least 10 characters. The owner and the service lead read it at once."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        focus(self, "ref")


class ReviewForm(forms.Form):
    """What a service lead thinks of a break-glass."""

    upheld = forms.TypedChoiceField(
        label=_("Verdict"),
        choices=[("1", _("Was needed")), ("0", _("Was not needed"))],
        coerce=lambda value: value == "1",
    )


class RedactForm(forms.Form):
    """Nothing to fill in: the words go, and that they were there stays."""
