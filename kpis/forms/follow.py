"""Forms of what people keep for themselves."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from portal.accounts.rules import Actor

from ..models import Kpi
from ..queries.scope import sites_visible_to
from ..rules.mailings import LAST, LATEST
from .places import ByLabel

if TYPE_CHECKING:
    from partners.models import Site


class FollowForm(forms.Form):
    """A site and a KPI, each or all."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = sites_visible_to(actor).filter(archived_at=None)
        kpis = Kpi.objects.filter(archived_at=None)
        self.fields["site"] = ByLabel(sites, label=_("Site"), required=False, empty_label=_("All sites I see"))
        self.fields["kpi"] = ByLabel(kpis, label=_("KPI"), required=False, empty_label=_("All KPIs"))

    @property
    def chosen(self) -> "tuple[Site | None, Kpi | None]":
        """The site and the KPI; None for all."""
        return self.cleaned_data["site"], self.cleaned_data["kpi"]


class SavedViewForm(forms.Form):
    """A name for an address; whether the address is one of ours is the page's to say."""

    name = forms.CharField(label=_("Name"), max_length=80)
    path = forms.CharField(max_length=200, widget=forms.HiddenInput, strip=False)
    query = forms.CharField(max_length=1000, required=False, widget=forms.HiddenInput, strip=False)


class NameForm(forms.Form):
    """Another name."""

    name = forms.CharField(label=_("Name"), max_length=80)


class MailingForm(forms.Form):
    """How often a view is mailed, and when."""

    every = forms.ChoiceField(
        label=_("Mail it"),
        choices=[("day", _("every day")), ("week", _("every week")), ("month", _("every month"))],
    )
    weekday = forms.ChoiceField(
        label=_("Weekday"), required=False, help_text=_("Weekly only"), choices=list(WEEKDAYS.items())
    )
    monthday = forms.ChoiceField(
        label=_("Day of the month"), required=False, help_text=_("Monthly only"),
        choices=[*((day, day) for day in range(1, LATEST + 1)), (LAST, _("the last one"))],
    )  # fmt: skip
    at = forms.TimeField(label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))

    def clean_weekday(self) -> int:
        """0 is Monday, and what is meant when nothing is said."""
        return int(self.cleaned_data["weekday"] or 0)

    def clean_monthday(self) -> int:
        """The 1st when nothing is said."""
        return int(self.cleaned_data["monthday"] or 1)
