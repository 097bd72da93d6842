"""What is known of a case, and the customer's card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from escalations.choices.facts import FREE, MAX_CARD, MAX_FACT, CardKey, FactKey, FactSource
from escalations.forms.base import focus, text_field
from portal.audit.wording import sentences

_HINTS = {
    CardKey.PREFERRED_NAME: _("What to call them."),
    CardKey.LANGUAGE: _("Which they speak and read best."),
    CardKey.CHANNEL: _("How to reach them, and how not."),
    CardKey.HOURS: _("When they want to hear from us, in their own time."),
    CardKey.THROUGH: _("Who may speak for them, and by what consent."),
    CardKey.AVOID: _("Words and questions that hurt."),
}


def _source_field() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("How we know"), choices=FactSource.choices)


class FactForm(forms.Form):
    """Something is known."""

    text = text_field(_("What is known"), limit=MAX_FACT, rows=3, help_text=_("One fact, in a sentence or less."))
    key = forms.ChoiceField(
        label=_("About"),
        choices=[(FREE, _("Something else")), *FactKey.choices],
        required=False,
        help_text=_("Takes the place of what was known of this. The earlier words can still be read."),
    )
    source = _source_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        focus(self, "text")


class CorrectFactForm(forms.Form):
    """Other words for the same fact."""

    text = text_field(_("What is known"), limit=MAX_FACT, rows=3)
    source = _source_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        focus(self, "text")


class WithdrawFactForm(forms.Form):
    """It is no longer true."""

    reason = text_field(
        _("What is so now"),
        limit=MAX_FACT,
        rows=3,
        required=False,
        help_text=_("Stands in the ledger, if you write it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        focus(self, "reason")


def _hint(key: CardKey, home: str) -> str:
    return sentences(_HINTS.get(key, ""), _("From %(ref)s.") % {"ref": home} if home else "")


class CardForm(forms.Form):
    """How the customer wants to be met. Only what the person changed is written, so that nobody takes back what somebody
    else wrote meanwhile."""

    def __init__(self, *args: Any, card: Mapping[str, str], homes: Mapping[str, str], **kwargs: Any) -> None:
        """`homes`: references of the merged cases where what is shown was recorded."""
        super().__init__(*args, **kwargs)
        for key in CardKey:
            self.fields[key] = forms.CharField(
                label=key.label,
                max_length=MAX_CARD,
                required=False,
                initial=card.get(key, ""),
                help_text=_hint(key, homes.get(key, "")),
            )
            self.fields[f"was_{key}"] = forms.CharField(
                max_length=MAX_CARD, required=False, initial=card.get(key, ""), widget=forms.HiddenInput
            )
        self.fields["source"] = _source_field()
        focus(self, CardKey.PREFERRED_NAME)

    def changes(self) -> dict[str, str]:
        """What differs from what the person was shown."""
        data = self.cleaned_data
        return {str(key): data[key] for key in CardKey if data[key] != data[f"was_{key}"]}
