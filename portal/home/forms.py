"""What may be searched for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.accounts.rules import Actor
from portal.ui.forms import choose
from portal.ui.registry import SearchSource, registered_searches
from portal.ui.textsearch import clean, split

MAX_QUERY = 200


class SearchForm(forms.Form):
    """One line of text, the kind of thing, and what narrows that kind.

    NUL bytes, very long texts and texts without anything to look for are refused with a message.
    """

    q = forms.CharField(
        label=_("Search for"),
        required=False,
        max_length=MAX_QUERY,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False)

    def __init__(self, data: Any, *, actor: Actor) -> None:
        super().__init__(data)
        self._sources = {source.key: source for source in registered_searches()}
        choose(self, "kind", [("", _("Everything")), *((one.key, one.label) for one in self._sources.values())])
        self._narrowing = self.source_asked.filters if self.source_asked else ()
        for one in self._narrowing:
            self.fields[one.key] = forms.ChoiceField(label=one.label, required=False)
            choose(self, one.key, [("", _("All")), *one.choices(actor)])

    @property
    def source_asked(self) -> SearchSource | None:
        """The one source that is asked for; None for all of them."""
        return self._sources.get(self.data.get("kind", ""))

    @property
    def filters(self) -> dict[str, str]:
        """What narrows the source."""
        return {one.key: self.cleaned_data[one.key] for one in self._narrowing if self.cleaned_data[one.key]}

    @property
    def narrowing(self) -> list[forms.BoundField]:
        """The fields that the source brings."""
        return [self[one.key] for one in self._narrowing]

    def clean_q(self) -> str:
        """Something to look for, or nothing at all."""
        text: str = self.cleaned_data["q"]
        if text and not can_be_found(text):
            raise forms.ValidationError(_("Say more: two letters or digits, or one Chinese character."))
        return text


def can_be_found(text: str) -> bool:
    """Whether there is enough to look for: signs alone are nothing, and one letter is in everything."""
    found = split(clean(text))
    return any(run for run, _word in found) or sum(len(word) for _run, word in found) > 1
