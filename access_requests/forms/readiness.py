"""What the readiness board takes from its address."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.forms.models import ModelChoiceField
from django.utils.translation import gettext_lazy as _

from partners import queries as directory
from portal.accounts.rules import Actor

from .. import queries
from ..wording.readiness import BLOCKERS, COURSES

# Django's class takes no type argument at run time.
if TYPE_CHECKING:
    _ModelChoice = ModelChoiceField[Any]
else:
    _ModelChoice = ModelChoiceField


class Labelled(_ModelChoice):
    """A choice of rows by their own labels."""

    def label_from_instance(self, obj: Any) -> str:
        """The row's label in the reader's language."""
        return str(obj.label)


BEFORE: Final = 14
AFTER: Final = 7
MOST_DAYS: Final = 92
GROUPINGS: Final = {"shift": _("First shift"), "team": _("Team"), "blocker": _("Blocker")}


def site_field(actor: Actor, *, empty: Any) -> Labelled:
    """The sites whose access the actor sees."""
    rows = directory.sites_with_people(actor).filter(archived_at__isnull=True).select_related("partner")
    if not queries.sees_all(actor):
        rows = rows.filter(pk__in=queries.site_ids(actor))
    return Labelled(
        queryset=rows.order_by("name", "pk"), required=False, label=_("Site"), to_field_name="code", empty_label=empty
    )


def day_field(label: Any) -> forms.DateField:
    """A day in the browser's own picker; the first centuries and the last ones are nobody's first day."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=False, widget=widget, input_formats=["%Y-%m-%d"])


class BoardFilter(forms.Form):
    """Site, first days from and to, and what to narrow the board to."""

    def __init__(self, *args: Any, actor: Actor, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["site"] = site_field(actor, empty=_("Choose a site"))
        self.fields["from"] = day_field(_("First shift from"))
        self.fields["to"] = day_field(_("to"))
        self.fields["team"] = forms.IntegerField(label=_("Team"), required=False, min_value=0, max_value=2**62)
        self.fields["blocker"] = forms.ChoiceField(
            label=_("Blocker"), required=False, choices=[("", _("Any")), *BLOCKERS.items()]
        )
        self.fields["course"] = forms.TypedChoiceField(
            label=_("Course"), required=False, coerce=int, empty_value=None, choices=[("", _("Any")), *COURSES.items()]
        )
        self.fields["by"] = forms.ChoiceField(label=_("Group by"), required=False, choices=list(GROUPINGS.items()))

    def clean(self) -> dict[str, Any]:
        """The first days from two weeks ago to a week ahead, unless others are asked for; at most a quarter."""
        data = self.cleaned_data
        first, last = data.get("from"), data.get("to")
        if self.errors:
            return data
        if (first or last or self.today).year not in range(2000, 2200):
            raise forms.ValidationError(_("Choose a day in this century."))
        last = last or (first + timedelta(days=BEFORE + AFTER) if first else self.today + timedelta(days=AFTER))
        first = first or last - timedelta(days=BEFORE + AFTER)
        if last < first:
            self.add_error("to", _("The last day lies before the first."))
        elif (last - first).days > MOST_DAYS:
            self.add_error("to", _("Choose at most 92 days."))
        return {**data, "first": first, "last": last}
