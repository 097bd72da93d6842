"""The input boundary of the pages about tokens."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.accounts.rules import Actor
from portal.api.choices import Life
from portal.api.registry import scopes_for


class TokenForm(forms.Form):
    """What a new token is called, what it may do, and for how long."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Which program uses it, and where."))
    scopes = forms.MultipleChoiceField(label=_("What it may do"), widget=forms.CheckboxSelectMultiple)
    days = forms.TypedChoiceField(label=_("Lives for"), choices=Life.choices, coerce=int, initial=Life.QUARTER)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["scopes"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(scope.key, scope.label) for scope in scopes_for(actor)]
