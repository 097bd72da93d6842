"""The report of trouble: for whom, what does not work, what was tried."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from partners import queries as directory
from portal.accounts.rules import Actor

from .. import rules
from ..choices import Symptom
from ..models import System
from ..rules import RefusedError
from ..wording import refusal
from ..wording.trouble import CHECKS
from .readiness import Labelled


class FirstChecks(forms.Form):
    """Which first checks were done; codes that the symptom does not know are refused."""

    def __init__(self, *args: Any, symptom: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["check"] = forms.MultipleChoiceField(
            label=_("Try these first"),
            required=False,
            choices=list(CHECKS[symptom]),
            widget=forms.CheckboxSelectMultiple,
        )


class TroubleForm(FirstChecks):
    """Person, system, words."""

    def __init__(self, *args: Any, actor: Actor, site: Any, symptom: str, **kwargs: Any) -> None:
        super().__init__(*args, symptom=symptom, **kwargs)
        here = directory.placements_visible_to(actor).filter(directory.not_over(directory.today()), site=site)
        people = directory.people_visible_to(actor).filter(pk__in=here.values("person"))
        self.fields["person"] = Labelled(
            queryset=people.order_by("name", "pk"), label=_("For whom"), empty_label=_("Choose a person")
        )
        self.fields["system"] = Labelled(
            queryset=System.objects.filter(archived_at=None),
            label=_("System"),
            required=False,
            empty_label=_("None of these"),
            help_text=_("What does not work, if it is one of these."),
        )
        self.fields["details"] = forms.CharField(
            label=_("What happens"),
            required=False,
            max_length=1000,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=_("What the screen says, word for word. No passwords."),
        )
        self.fields["check"].widget = forms.MultipleHiddenInput()

    def refuse(self, refused: RefusedError) -> None:
        """Put a refusal at its field."""
        self.add_error(refused.field if refused.field in self.fields else None, refusal(refused.code, refused.params))


def symptom_of(text: str | None) -> str | None:
    """A symptom that exists, or None."""
    return text if text in Symptom.values else None


def reports_somewhere(actor: Actor) -> bool:
    """Whether the actor may report trouble for somebody."""
    return bool(actor.standings_for("request_access"))


def may_report_at(actor: Actor, site: Any) -> bool:
    """Whether the actor may report trouble for people of this site."""
    return rules.requesting(actor, rules.Site(site.pk, site.partner_id)) is not None
