"""Forms of contracts, their scorecards, disputed ranges and results."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from partners import queries as directory
from portal.accounts.rules import Actor
from portal.files.forms import UploadField
from portal.refusals import RefusedError
from portal.ui.forms import choose
from portal.ui.walltimes import WallTimeField

from ..choices import Direction, ExclusionReason, Shortage, Unit
from ..models import Contract, Kpi, KpiVersion
from ..queries import agreements, sites_visible_to
from ..wording.contracts import refusal
from ..wording.periods import day_text
from .places import ByLabel, MonthField, QueueOfSite, offer

CURRENCY: Final = RegexValidator("^[A-Z]{3}$", _("Three capital letters, as in EUR."))
HUNDRED: Final = Decimal(100)
_VALUES: Final = ("red", "target", "stretch", "target_high", "red_high")


class Refusing(forms.Form):
    """A form that shows refusals at the field they belong to."""

    def refuse(self, error: RefusedError) -> None:
        """Put the message of a refusal at its field, or at the top."""
        self.add_error(error.field if error.field in self.fields else None, refusal(error.code, error.params))


class ContractForm(Refusing):
    """A contract; the partner, the code and the first month only when it is new."""

    partner = ByLabel(None, label=_("Partner"))
    name = forms.CharField(label=_("Name"), max_length=120)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=120, required=False)
    code = forms.SlugField(
        label=_("Code"), max_length=40, help_text=_("Small letters, digits and hyphens; part of its address.")
    )
    currency = forms.CharField(
        label=_("Currency"), max_length=3, validators=[CURRENCY], help_text=_("Three capital letters, as in EUR.")
    )
    shows_band = forms.BooleanField(
        label=_("Leads see where they stand among all sites, without names"), required=False
    )
    first = MonthField(label=_("In force from"))
    version = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, contract: Contract | None = None, **kwargs: Any) -> None:
        if contract is not None:
            own = {name: getattr(contract, name) for name in ("name", "name_zh", "currency", "shows_band", "version")}
            kwargs["initial"] = own
        super().__init__(*args, **kwargs)
        offer(self, "partner", agreements.partners_to_contract(actor))
        if contract is not None:
            for name in ("partner", "code", "first"):
                del self.fields[name]

    def clean_code(self) -> str:
        """A code that its address can hold."""
        code = str(self.cleaned_data["code"])
        if code in {"new", "export"}:
            raise forms.ValidationError(refusal("code_taken"))
        return code

    @property
    def values(self) -> dict[str, Any]:
        """What the contract gets."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"first", "version"}}


class CoverForm(Refusing):
    """A site that comes under a contract."""

    site = ByLabel(None, label=_("Site"))
    first = MonthField(label=_("From"))
    last = MonthField(label=_("Up to, not with"), required=False, help_text=_("Empty: until further notice."))

    def __init__(self, *args: Any, actor: Actor, contract: Contract, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = sites_visible_to(actor).filter(partner=contract.partner_id, archived_at=None)
        offer(self, "site", sites)


class MonthForm(Refusing):
    """One month: from when a new version counts, or up to when a site is covered."""

    first = MonthField(label=_("From"))


class TermsForm(Refusing):
    """What a version says besides its lines and bands."""

    score_cap = forms.DecimalField(label=_("Highest score of a line"), min_value=100, max_digits=5, decimal_places=1)
    bonus_cap = forms.DecimalField(
        label=_("Bonus cap (percent of the invoice)"), min_value=0, max_value=100, max_digits=5, decimal_places=2
    )
    malus_cap = forms.DecimalField(
        label=_("Malus cap (percent of the invoice)"), min_value=0, max_value=100, max_digits=5, decimal_places=2
    )
    earn_back_months = forms.IntegerField(
        label=_("Months to earn a malus back"), min_value=0, max_value=36, help_text=_("0: a malus stays.")
    )
    earn_back_score = forms.DecimalField(
        label=_("Score that earns it back"), required=False, min_value=0, max_digits=5, decimal_places=1
    )


class LineForm(forms.Form):
    """A KPI of a scorecard. A percent is typed as one: 80 for 80 %."""

    kpi = ByLabel(None, label=_("KPI"), required=False, empty_label="–")
    version = forms.ChoiceField(
        label=_("Formula"), required=False, help_text=_("One that is named stays, whatever follows it.")
    )
    weight = forms.DecimalField(
        label=_("Weight in %"), required=False, min_value=0, max_value=100, max_digits=5, decimal_places=2
    )
    direction = forms.ChoiceField(
        label=_("Better"), required=False, choices=[("", _("as the KPI")), *Direction.choices]
    )
    red = forms.DecimalField(label=_("Red"), required=False, max_digits=12, decimal_places=4)
    target = forms.DecimalField(label=_("Target"), required=False, max_digits=12, decimal_places=4)
    stretch = forms.DecimalField(label=_("Stretch"), required=False, max_digits=12, decimal_places=4)
    target_high = forms.DecimalField(label=_("Target, upper end"), required=False, max_digits=12, decimal_places=4)
    red_high = forms.DecimalField(label=_("Red, upper end"), required=False, max_digits=12, decimal_places=4)
    minimum_n = forms.IntegerField(label=_("Smallest sample"), required=False, min_value=0, max_value=10**9)
    shortage = forms.ChoiceField(label=_("Below it, the weight is"), required=False, choices=Shortage.choices)
    gate_cap = forms.DecimalField(
        label=_("Gate: if red, the total is at most"), required=False, min_value=0, max_digits=5, decimal_places=1
    )

    def __init__(self, *args: Any, formulas: Sequence[KpiVersion] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "kpi", Kpi.objects.filter(archived_at=None))
        self._formulas = {str(one.pk): one for one in formulas}
        choose(self, "version", _formula_choices(formulas))

    def clean_version(self) -> KpiVersion | None:
        """The formula that the contract names, if any."""
        return self._formulas.get(self.cleaned_data["version"])

    def clean(self) -> dict[str, Any]:
        """Without a KPI it is no line; with one, weight, red and target are needed."""
        data = super().clean() or {}
        if data.get("kpi") is None:
            return data
        for name in ("weight", "red", "target"):
            if data.get(name) is None and name not in self.errors:
                self.add_error(name, _("This field is required."))
        return data

    @property
    def values(self) -> dict[str, Any] | None:
        """The line as it is kept, percents as ratios; None for an empty row."""
        data = dict(self.cleaned_data)
        if data.get("kpi") is None:
            return None
        share = HUNDRED if data["kpi"].unit == Unit.PERCENT else Decimal(1)
        for name in _VALUES:
            data[name] = None if data[name] is None else (data[name] / share).quantize(Decimal("0.0001"))
        data["direction"] = data["direction"] or data["kpi"].direction
        data["minimum_n"] = data["minimum_n"] or 0
        data["shortage"] = data["shortage"] or Shortage.REDISTRIBUTE
        return data


class BandForm(forms.Form):
    """From a score on, so many percent of the invoice."""

    from_score = forms.DecimalField(label=_("From score"), required=False, min_value=0, max_digits=5, decimal_places=1)
    percent = forms.DecimalField(
        label=_("Percent of the invoice"), required=False, min_value=-100, max_value=100, max_digits=5, decimal_places=2
    )

    def clean(self) -> dict[str, Any]:
        """Both or neither."""
        data = super().clean() or {}
        for name, other in (("from_score", "percent"), ("percent", "from_score")):
            if data.get(name) is None and data.get(other) is not None and name not in self.errors:
                self.add_error(name, _("This field is required."))
        return data


def _formula_choices(formulas: Sequence[KpiVersion]) -> list[tuple[Any, Any]]:
    """By KPI, the newest first, after the usual: whichever is in force."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for one in formulas:
        words = {"kpi": one.kpi.label, "number": one.number, "day": day_text(one.period.lower)}
        label = _("%(kpi)s: version %(number)s, from %(day)s") % words
        groups.setdefault(one.kpi.label, []).append((str(one.pk), label))
    return [("", _("The one in force on the day")), *groups.items()]


Lines = forms.formset_factory(LineForm, extra=3, max_num=40, absolute_max=40)
Bands = forms.formset_factory(BandForm, extra=2, max_num=20, absolute_max=20)


def line_initial(line: Any) -> dict[str, Any]:
    """A line as it is typed."""
    values = {name: getattr(line, name) for name in LineForm.base_fields} | {"version": line.version_id}
    if line.kpi.unit == Unit.PERCENT:
        for name in _VALUES:
            values[name] = None if values[name] is None else values[name] * 100
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    """A number without idle zeros."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


class ProposeForm(Refusing):
    """A time range of a site that should not count."""

    site = ByLabel(None, label=_("Site"), to_field_name="code")
    queue = QueueOfSite(None, label=_("Queue"), required=False, empty_label=_("All queues"))
    since = WallTimeField(label=_("From"), help_text=_("As clocks at the site show it."))
    until = WallTimeField(label=_("To"))
    reason = forms.ChoiceField(label=_("Reason"), choices=ExclusionReason.choices)
    note = forms.CharField(label=_("What happened"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))
    evidence = UploadField(label=_("Evidence"), required=False, help_text=_("More files can be added afterwards."))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = agreements.sites_of_side(actor)
        offer(self, "site", sites)
        queues = directory.queues_visible_to(actor).filter(programme__site__in=sites, archived_at=None)
        offer(self, "queue", queues.select_related("programme__site"))

    def clean(self) -> dict[str, Any]:
        """Both ends in the site's zone; hours that clocks left out are no times."""
        data = super().clean() or {}
        site = data.get("site")
        for name in ("since", "until"):
            if site is not None and isinstance(data.get(name), datetime):
                data[name] = data[name].replace(tzinfo=ZoneInfo(site.time_zone))
                back = data[name].astimezone(ZoneInfo("UTC")).astimezone(ZoneInfo(site.time_zone))
                if back.replace(tzinfo=None) != data[name].replace(tzinfo=None):
                    self.add_error(name, refusal("no_such_hour"))
        return data


class EvidenceForm(forms.Form):
    """One more file."""

    evidence = UploadField(label=_("Evidence"))


class AnswerForm(Refusing):
    """What the other side says to it."""

    answer = forms.CharField(
        label=_("Answer"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReviseForm(Refusing):
    """Why a result is made again."""

    reason = forms.CharField(label=_("Why it is made again"), max_length=200)


class InvoiceForm(Refusing):
    """What a site's month costs."""

    amount = forms.DecimalField(label=_("Amount"), min_value=0, max_digits=14, decimal_places=2)
    currency = forms.CharField(label=_("Currency"), max_length=3, validators=[CURRENCY])
