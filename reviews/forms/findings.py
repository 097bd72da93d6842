"""Forms of observations, findings and shared practices, and what the list is narrowed by."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kpis.forms.places import ByLabel, offer
from portal.accounts.rules import Actor

from ..access.findings import kinds_for, sites_to_find_at
from ..choices import Adoption, FindingKind
from ..models import Finding, Sharing, Theme
from ..queries.findings import themes_in_use
from ..queries.scope import sites_visible_to
from .base import VersionedForm, choose

_AREA = forms.Textarea(attrs={"rows": 3})


class ObservationForm(VersionedForm):
    """Something heard or seen."""

    theme = ByLabel(label=_("Theme"), queryset=Theme.objects.none())
    text = forms.CharField(label=_("What was observed"), max_length=4000, widget=_AREA)
    quote = forms.CharField(
        label=_("Quote"), max_length=1000, required=False, widget=_AREA, help_text=_("As it was said; without names.")
    )
    contact_ref = forms.CharField(
        label=_("Contact"), max_length=80, required=False, help_text=_("The number of the call or chat.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "theme", themes_in_use())


class FindingForm(VersionedForm):
    """What was found at a site; the site is chosen once."""

    site = ByLabel(label=_("Site"), queryset=Theme.objects.none(), to_field_name="code")
    kind = forms.ChoiceField(label=_("Kind"))
    title = forms.CharField(label=_("Title"), max_length=200)
    text = forms.CharField(label=_("What was found"), max_length=4000, required=False, widget=_AREA)
    theme = ByLabel(label=_("Theme"), queryset=Theme.objects.none(), required=False)

    def __init__(self, *args: Any, actor: Actor, fixed: Any = None, **kwargs: Any) -> None:
        """`fixed`: the site, where it is given by what the finding came out of."""
        super().__init__(*args, **kwargs)
        sites = [fixed] if fixed else sites_to_find_at(actor)
        kinds = {kind: None for site in sites for kind in kinds_for(actor, site)}
        choose(self, "kind", [(kind.value, kind.label) for kind in FindingKind if kind in kinds])
        offer(self, "theme", themes_in_use())
        if fixed:
            del self.fields["site"]
        else:
            offer(self, "site", sites_visible_to(actor).filter(pk__in=[site.pk for site in sites]))

    @staticmethod
    def initial_from(row: Finding) -> dict[str, Any]:
        """The finding's values by field name."""
        return {"version": row.version, "kind": row.kind, "title": row.title, "text": row.text, "theme": row.theme_id}

    def values(self) -> dict[str, Any]:
        """What was typed."""
        return {name: self.cleaned_data[name] for name in ("kind", "title", "text", "theme")}


class AnswerForm(VersionedForm):
    """What a site does with another's practice."""

    adoption = forms.ChoiceField(label=_("What we do"), choices=Adoption.choices, widget=forms.RadioSelect)
    why = forms.CharField(label=_("Why, or how"), max_length=2000, widget=_AREA)
    result = forms.CharField(
        label=_("Result"), max_length=2000, required=False, widget=_AREA, help_text=_("Later, when it shows.")
    )

    @staticmethod
    def initial_from(row: Sharing) -> dict[str, Any]:
        """The answer's values by field name."""
        return {"version": row.version, "adoption": row.adoption, "why": row.why, "result": row.result}


class FindingFilter(forms.Form):
    """What the list of findings is narrowed by."""

    site = ByLabel(
        label=_("Site"), queryset=Theme.objects.none(), to_field_name="code", required=False, empty_label=_("All sites")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("All kinds")), *FindingKind.choices], required=False)
    theme = ByLabel(
        label=_("Theme"),
        queryset=Theme.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=_("All themes"),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "site", sites_visible_to(actor).order_by("name"))
        offer(self, "theme", Theme.objects.all())
        for one in self.fields.values():
            one.widget.attrs["class"] = "input"
