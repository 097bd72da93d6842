"""The report of trouble: what does not work, what to try, for whom, what was tried."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from partners import queries as directory
from portal.accounts.rules import Actor
from portal.refusals import RefusedError

from .. import rules
from ..choices import Symptom
from ..models import System
from ..queries.first_checks import PREFIX, own_checks
from ..wording import refusal
from ..wording.trouble import CHECKS, REFUSALS
from .readiness import Labelled

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to try: its code, what to do, and whose advice it is."""

    code: str
    text: "StrOrPromise"
    source: "StrOrPromise"


def steps_of(symptom: str, system: System | None) -> list[Step]:
    """What to try, in order: the system's own checks know more of it than those of the symptom."""
    own = [Step(one.code, one.label, one.source) for one in own_checks(system.pk if system else None)]
    return own + [Step(code, text, Symptom(symptom).label) for code, text in CHECKS[symptom]]


class FirstChecks(forms.Form):
    """Which first checks were done, by their codes; of a symptom's, only those that it has."""

    def __init__(self, *args: Any, symptom: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._known = {code for code, _text in CHECKS[symptom]}
        self.fields["check"] = forms.Field(required=False, widget=forms.MultipleHiddenInput())

    def clean_check(self) -> list[str]:
        """The codes, each once, in the order in which they came."""
        codes: Sequence[str] = list(dict.fromkeys(self.cleaned_data["check"] or ()))
        if len(codes) > 100 or any(one not in self._known and not one.startswith(PREFIX) for one in codes):
            raise forms.ValidationError(_("Start again: these checks are not known."))
        return list(codes)


class AboutForm(forms.Form):
    """Where something does not work, and in which system; both stand in the address, by their codes."""

    def __init__(self, *args: Any, sites: Sequence[Any], systems: Sequence[System], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"] = forms.ChoiceField(
            label=_("Site"), choices=[("", _("Choose a site")), *((one.code, one.label) for one in sites)]
        )
        self.fields["system"] = system_field(systems)


def system_field(systems: Sequence[System], **options: Any) -> forms.ChoiceField:
    """The systems in use, by code."""
    return forms.ChoiceField(
        label=_("System"),
        required=False,
        choices=[("", _("None of these")), *((one.code, one.label) for one in systems)],
        help_text=_("What does not work, if it is one of these."),
        **options,
    )


class TroubleForm(FirstChecks):
    """Person, words; the system as chosen before."""

    def __init__(
        self, *args: Any, actor: Actor, site: Any, symptom: str, systems: Sequence[System], **kwargs: Any
    ) -> None:
        super().__init__(*args, symptom=symptom, **kwargs)
        here = directory.placements_visible_to(actor).filter(directory.not_over(directory.today()), site=site)
        people = directory.people_visible_to(actor).filter(pk__in=here.values("person"))
        self.fields["person"] = Labelled(
            queryset=people.order_by("name", "pk"), label=_("For whom"), empty_label=_("Choose a person")
        )
        self.fields["system"] = system_field(
            systems, widget=forms.HiddenInput(), error_messages={"invalid_choice": REFUSALS["system_unknown"]}
        )
        self.fields["details"] = forms.CharField(
            label=_("What happens"),
            required=False,
            max_length=1000,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=_("What the screen says, word for word. No passwords."),
        )

    def refuse(self, refused: RefusedError) -> None:
        """Put a refusal at its field."""
        field = refused.field if refused.field in self.fields and refused.field != "system" else None
        self.add_error(field, refusal(refused.code, refused.params))


def symptom_of(text: str | None) -> str | None:
    """A symptom that exists, or None."""
    return text if text in Symptom.values else None


def reports_somewhere(actor: Actor) -> bool:
    """Whether the actor may report trouble for somebody."""
    return bool(actor.standings_for("request_access"))


def may_report_at(actor: Actor, site: Any) -> bool:
    """Whether the actor may report trouble for people of this site."""
    return rules.requesting(actor, rules.Site(site.pk, site.partner_id)) is not None
