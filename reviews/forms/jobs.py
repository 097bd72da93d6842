"""Forms of report jobs and of kinds of review."""

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from portal.accounts.forms import time_zones
from portal.accounts.rules import Actor

from ..actions.jobs import Terms
from ..actions.kinds import Part
from ..choices import Format, Rhythm, Scope
from ..models import ReportJob, ReviewKind
from ..queries import jobs as queries
from ..queries.sections import SECTIONS, title_of
from ..rules.standing import Place
from ..wording.packs import told
from .base import VersionedForm, choose

if TYPE_CHECKING:
    from partners.models import Site

_CODE = RegexValidator(r"\A[a-z][a-z0-9-]*\Z", _("Use small letters, digits and hyphens; begin with a letter."), "code")
_LAST: Final = 99


class TermsForm(VersionedForm):
    """When a job's packs are made, as what, and whom they are sent to."""

    weekday = forms.TypedChoiceField(
        label=_("Weekday"), coerce=int, choices=list(WEEKDAYS.items()), help_text=_("Weekly packs: in the week after.")
    )
    days_after = forms.IntegerField(
        label=_("Days after the end"), min_value=0, max_value=60, initial=3, help_text=_("Monthly and quarterly packs.")
    )
    at = forms.TimeField(
        label=_("Time"), initial="08:00", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones, help_text=_("As a rule that of the site."))
    formats = forms.MultipleChoiceField(
        label=_("Formats"), choices=Format.choices, required=False, initial=[Format.PDF], widget=forms.CheckboxSelectMultiple,
        help_text=_("Besides the page."),
    )  # fmt: skip
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("Of drafts; whoever is sent a pack gets it in their own."),
    )
    recipients = forms.TypedMultipleChoiceField(
        label=_("Sent to"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Those who may see these packs. Who may not any more when a pack is published is passed over."),
    )  # fmt: skip

    def __init__(
        self, *args: Any, place: Place | None = None, rhythm: str = "", kept: list[tuple[int, str]] | None = None, **kwargs: Any
    ) -> None:  # fmt: skip
        """`place` and `rhythm`: whose packs they are and how often, unset as long as that is not chosen. `kept`: recipients that may stay."""
        super().__init__(*args, **kwargs)
        if rhythm:
            del self.fields["days_after" if rhythm == Rhythm.WEEK else "weekday"]
        if place is None:
            del self.fields["recipients"]
        else:
            offered = dict([*queries.could_receive(place), *(kept or [])])
            choose(self, "recipients", sorted(offered.items(), key=lambda one: one[1].lower()))

    @property
    def usual_zone(self) -> str:
        """The clock that counts where none was chosen."""
        return "UTC"

    @staticmethod
    def initial_from(job: ReportJob) -> dict[str, Any]:
        """The job's values by field name."""
        names = ("version", "weekday", "days_after", "at", "time_zone", "formats", "language")
        return {
            **{name: getattr(job, name) for name in names},
            "recipients": list(job.subscriptions.values_list("user_id", flat=True)),
        }

    def terms(self) -> Terms:
        """What was typed."""
        data = {**self.initial, **self.cleaned_data}
        return Terms(
            weekday=data["weekday"], days_after=data["days_after"], at=data["at"], time_zone=data["time_zone"] or self.usual_zone,
            formats=data["formats"], language=data["language"], recipients=data.get("recipients", ()),
        )  # fmt: skip


class NewJobForm(TermsForm):
    """A job that is not there yet: of which kind, and about what. Recipients are chosen once that stands."""

    about = forms.ChoiceField(label=_("About"))
    field_order = ("kind", "about")

    def __init__(self, *args: Any, actor: Actor, own_zone: str = "UTC", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._own_zone = own_zone
        self.fields["kind"] = forms.ModelChoiceField(
            queries.kinds_in_use(), label=_("Kind of review"), empty_label=None
        )
        zone = choose(self, "time_zone", [("", _("That of the site")), *time_zones()])
        zone.required = False
        zone.help_text = _("For a partner or the network, if you choose none: yours.")
        self.order_fields(self.field_order)
        self._places: dict[str, tuple[str, Place]] = {}
        self._zones: dict[str, str] = {}
        choices = [
            self._add(f"site-{one.code}", Scope.SITE, Place(one.pk, one.partner_id), one.label)
            for one in self._sites(actor)
        ]
        partners = [
            self._add(f"partner-{one.code}", Scope.PARTNER, Place(None, one.pk), one.label)
            for one in queries.partners_to_report(actor)
        ]
        network = (
            [self._add("network", Scope.NETWORK, Place(), str(Scope.NETWORK.label))]
            if queries.may_report_network(actor)
            else []
        )
        groups = [(_("Sites"), choices), (_("Partners"), partners), (Scope.NETWORK.label, network)]
        choose(self, "about", [(label, rows) for label, rows in groups if rows])

    @property
    def chosen(self) -> tuple[str, Place]:
        """The scope and the place."""
        return self._places[self.cleaned_data["about"]]

    @property
    def usual_zone(self) -> str:
        """The site's; of whoever sets it up where there is none."""
        return self._zones.get(self.cleaned_data["about"]) or self._own_zone

    def _sites(self, actor: Actor) -> "list[Site]":
        sites = list(queries.sites_to_report(actor))
        self._zones = {f"site-{one.code}": one.time_zone for one in sites}
        return sites

    def _add(self, key: str, scope: str, place: Place, label: str) -> tuple[str, str]:
        self._places[key] = scope, place
        return key, label


class KindForm(VersionedForm):
    """A kind of review: its names, and which sections it has in which order, with their options."""

    name = forms.CharField(label=_("Name"), max_length=120)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=120, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, section in SECTIONS.items():
            title = told(title_of(code))
            self.fields[f"{code}-on"] = forms.BooleanField(label=title, required=False)
            self.fields[f"{code}-position"] = forms.IntegerField(
                label=_("Place of %(section)s") % {"section": title}, min_value=1, max_value=_LAST, required=False
            )
            for option, (usual, most) in section.options.items():
                self.fields[f"{code}-{option}"] = forms.IntegerField(
                    label=_OPTIONS[option], min_value=1, max_value=most, initial=usual, required=False
                )

    @staticmethod
    def initial_from(kind: ReviewKind) -> dict[str, Any]:
        """The kind's values by field name."""
        found: dict[str, Any] = {"version": kind.version, "name": kind.name, "name_zh": kind.name_zh}
        for row in kind.sections.all():
            found |= {f"{row.code}-on": True, f"{row.code}-position": row.position}
            found |= {f"{row.code}-{option}": value for option, value in row.options.items()}
        return found

    def rows(self) -> list[tuple[Any, Any, list[Any]]]:
        """Each section's fields: whether it is there, where, and its options."""
        return [
            (self[f"{code}-on"], self[f"{code}-position"], [self[f"{code}-{option}"] for option in section.options])
            for code, section in SECTIONS.items()
        ]

    def parts(self) -> list[Part]:
        """The sections that were chosen, in their order; those without a place come last."""
        data = self.cleaned_data
        chosen = [code for code in SECTIONS if data[f"{code}-on"]]
        ordered = sorted(chosen, key=lambda code: data[f"{code}-position"] or _LAST + 1)
        return [
            Part(code, {one: data[f"{code}-{one}"] for one in SECTIONS[code].options if data[f"{code}-{one}"]})
            for code in ordered
        ]


class NewKindForm(KindForm):
    """A kind that is not there yet."""

    code = forms.CharField(label=_("Code"), max_length=40, validators=[_CODE], help_text=_("Stays as it is."))
    rhythm = forms.ChoiceField(label=_("Period"), choices=Rhythm.choices)
    field_order = ("code", "name", "name_zh", "rhythm")


_OPTIONS: Final = {
    "movers": _("Lines that moved most"),
    "weeks": _("Weeks shown"),
    "months": _("Months shown"),
    "most": _("Rows at most"),
}
