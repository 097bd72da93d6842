"""What the list pages take from their addresses."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.accounts.rules import Actor

from .. import queries
from ..choices import Presence
from .base import Choice


def search_field() -> forms.CharField:
    """What to look for."""
    widget = forms.TextInput(
        attrs={"type": "search", "class": "input", "placeholder": _("Name or code"), "autocomplete": "off"}
    )
    return forms.CharField(label=_("Search"), required=False, max_length=100, widget=widget)


def chosen() -> forms.Select:
    """A select that looks like the design's."""
    return forms.Select(attrs={"class": "input"})


class NameFilter(forms.Form):
    """A search text, and whether to show what is archived."""

    q = search_field()
    archived = forms.BooleanField(label=_("Archived"), required=False)


class DayFilter(forms.Form):
    """The day of which a page speaks."""

    on = forms.DateField(
        label=_("On"),
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput({"type": "date", "class": "input"}, "%Y-%m-%d"),
    )


class PeopleFilter(forms.Form):
    """A search text, a site, and whether people are there or have left."""

    q = search_field()
    site = Choice(
        queryset=None,
        required=False,
        label=_("Site"),
        to_field_name="code",
        empty_label=_("All sites"),
        widget=chosen(),
    )
    presence = forms.ChoiceField(label=_("Employment"), required=False, choices=Presence.choices, widget=chosen())

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["site"].queryset = queries.sites_with_people(actor)

    def clean_presence(self) -> Presence:
        """Current people unless asked otherwise."""
        return Presence(self.cleaned_data["presence"] or Presence.CURRENT)


class SiteChoice(forms.Form):
    """The first step of adding a person or a placement: where."""

    site = Choice(queryset=None, label=_("Site"), to_field_name="code", empty_label=_("Choose a site"))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["site"].queryset = queries.listed(queries.sites_editable_by(actor), archived=False)
