"""Forms of KPIs, formulas and components. A formula is put together from rows of component and factor; nothing typed is ever computed."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.refusals import RefusedError
from portal.ui import versioned

from ..actions.definitions import FormulaValues, KpiValues
from ..actions.own_components import ComponentValues
from ..choices import Direction, Interval, RollUp, Unit
from ..components import AGENTS, CONTACTS, QUALITY, SURVEYS
from ..models import Component, Kpi, KpiVersion
from ..rules.windows import MOST_DAYS, MOST_MONTHS, months_of
from ..wording.formulas import refusal_text, rolling_text

ROWS: Final = 6
SIDES: Final = ("numerator", "denominator")
PARAMETERS: Final = ("variant", "threshold_seconds", "short_seconds", "window_days")
_CODE = RegexValidator(
    r"\A[a-z][a-z0-9-]*\Z", gettext_lazy("Use small letters, digits and hyphens; begin with a letter."), "code"
)
_COMPONENT = RegexValidator(
    r"\A[a-z][a-z0-9_]*\Z", gettext_lazy("Use small letters, digits and underscores; begin with a letter."), "code"
)
_INTEGER: Final = 2**31 - 1


class VersionedForm(versioned.VersionedForm):
    """A form over one row of the definitions."""

    def words_of(self, refused: RefusedError) -> str:
        """A refusal in the reader's language."""
        return refusal_text(refused.code, refused.params)

    def field_of(self, name: str) -> str:
        """A side of a formula is said at its first row."""
        return f"{name}-1" if name in SIDES else name


class KpiForm(VersionedForm):
    """How a KPI is called and shown."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    name_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=120, required=False)
    direction = forms.ChoiceField(label=gettext_lazy("Better"), choices=Direction)
    decimals = forms.IntegerField(label=gettext_lazy("Decimals"), min_value=0, max_value=4, initial=1)
    position = forms.IntegerField(label=gettext_lazy("Place in lists"), min_value=0, max_value=32767, initial=100)

    @staticmethod
    def initial_from(kpi: Kpi) -> dict[str, Any]:
        """The KPI's values by field name."""
        names = ("version", "name", "name_zh", "direction", "decimals", "position")
        return {name: getattr(kpi, name) for name in names}

    def values(self) -> KpiValues:
        """What was typed."""
        data = self.cleaned_data
        return KpiValues(data["name"], data["direction"], data["name_zh"], data["decimals"], data["position"])


class FormulaForm(VersionedForm):
    """A formula. After `is_valid`, `formula` is what would be kept. `base`: the version it begins from."""

    scale = forms.DecimalField(
        label=gettext_lazy("Scale"),
        max_digits=12,
        decimal_places=4,
        initial=1,
        help_text=gettext_lazy(
            "The value is scale × numerator ÷ denominator. 3600 makes a figure per second one per hour."
        ),
    )
    roll_up = forms.ChoiceField(label=gettext_lazy("Over time"), choices=RollUp)
    window = forms.TypedChoiceField(
        label=gettext_lazy("Rolling window"),
        coerce=int,
        required=False,
        help_text=gettext_lazy(
            "Whatever period is shown, the figure is that of so many months up to its end. A rolling figure has no control limits."
        ),
    )
    interval = forms.ChoiceField(label=gettext_lazy("Interval (95%)"), choices=Interval)
    sample = forms.ChoiceField(label=gettext_lazy("n is"), required=False)
    minimum_n = forms.IntegerField(label=gettext_lazy("Smallest n to show"), min_value=0, max_value=_INTEGER, initial=0)
    variant = forms.CharField(label=gettext_lazy("Variant"), max_length=20, required=False)
    threshold_seconds = forms.IntegerField(
        label=gettext_lazy("Threshold T, seconds"), min_value=0, max_value=86400, required=False
    )
    short_seconds = forms.IntegerField(
        label=gettext_lazy("Short abandons end before, seconds"), min_value=0, max_value=86400, required=False
    )
    window_days = forms.IntegerField(
        label=gettext_lazy("Window, days"),
        min_value=0,
        max_value=MOST_DAYS,
        required=False,
        help_text=gettext_lazy(
            "A figure stays provisional, and its month cannot be frozen, until so many days after its end. At most 92."
        ),
    )
    first = forms.DateField(
        label=gettext_lazy("First day"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
    )

    def __init__(self, *args: Any, base: KpiVersion | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.formula: FormulaValues | None = None
        self.kept = {k: v for k, v in base.parameters.items() if k not in (*PARAMETERS, "window")} if base else {}
        used = {*base.numerator, *base.denominator, base.sample} if base else set()
        choices = component_choices(used)
        for side in SIDES:
            for row in range(1, ROWS + 1):
                self._add_row(side, row, choices)
        field: Any = self.fields["sample"]
        field.choices = [("", _("What the denominator counts")), *choices]
        window: Any = self.fields["window"]
        window.choices = [
            ("", _("None: the period itself")),
            *((one, rolling_text(one)) for one in range(1, MOST_MONTHS + 1)),
        ]

    def _add_row(self, side: str, row: int, choices: list[Any]) -> None:
        label = _("Component %(n)d") if side == "numerator" else _("Denominator, component %(n)d")
        self.fields[f"{side}-{row}"] = forms.ChoiceField(
            label=label % {"n": row}, choices=[("", "–"), *choices], required=False
        )
        self.fields[f"{side}-factor-{row}"] = forms.DecimalField(
            label=_("Factor"), max_digits=12, decimal_places=4, required=False, initial=1
        )

    @property
    def sides(self) -> list[tuple[str, str, list[tuple[forms.BoundField, forms.BoundField]]]]:
        """Numerator and denominator: id, heading, rows of component and factor."""
        headings = {"numerator": _("Numerator"), "denominator": _("Denominator (empty: the numerator is the figure)")}
        return [
            (side, headings[side], [(self[f"{side}-{n}"], self[f"{side}-factor-{n}"]) for n in range(1, ROWS + 1)])
            for side in SIDES
        ]

    def clean(self) -> dict[str, Any]:
        """Put the rows together."""
        data = super().clean() or self.cleaned_data
        numerator, denominator = (dict(self._terms(side, data)) for side in SIDES)
        if not self.errors:
            self.formula = FormulaValues(
                numerator=numerator,
                denominator=denominator,
                **{name: data[name] for name in ("scale", "roll_up", "interval", "sample", "minimum_n")},
                window=data["window"] or 0,
                parameters={**self.kept, **{name: data[name] for name in PARAMETERS if data[name] not in (None, "")}},
            )
        return data

    def _terms(self, side: str, data: Mapping[str, Any]) -> Iterator[tuple[str, Decimal]]:
        seen = set()
        for row in range(1, ROWS + 1):
            code, factor = data.get(f"{side}-{row}"), data.get(f"{side}-factor-{row}")
            if not code:
                continue
            if code in seen:
                self.add_error(f"{side}-{row}", refusal_text("component_twice", {}))
            seen.add(code)
            yield code, Decimal(1) if factor is None else factor


class NewKpiForm(FormulaForm, KpiForm):
    """A KPI with its first formula."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=40,
        validators=[_CODE],
        help_text=gettext_lazy("In addresses and files, such as answer-rate. It stays."),
    )
    unit = forms.ChoiceField(label=gettext_lazy("Unit"), choices=Unit)


class NewVersionForm(FormulaForm):
    """A new formula of a KPI."""

    reason = forms.CharField(label=gettext_lazy("Reason for the change"), max_length=200)

    @staticmethod
    def initial_from(kpi: Kpi, base: KpiVersion | None) -> dict[str, Any]:
        """The formula to begin from, by field name."""
        found: dict[str, Any] = {"version": kpi.version}
        if base is None:
            return found
        names = ("scale", "roll_up", "interval", "sample", "minimum_n")
        found |= {name: getattr(base, name) for name in names}
        found["scale"] = base.scale.normalize() if base.scale % 1 else base.scale.to_integral_value()
        found |= {name: base.parameters[name] for name in PARAMETERS if name in base.parameters}
        found["window"] = months_of(base.parameters) or ""
        for side in SIDES:
            for row, (code, factor) in enumerate(getattr(base, side).items(), 1):
                found |= {f"{side}-{row}": code, f"{side}-factor-{row}": factor}
        return found


class ComponentForm(VersionedForm):
    """A component of its own."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    name_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=120, required=False)
    unit = forms.ChoiceField(label=gettext_lazy("Unit"), choices=Unit)
    stock = forms.BooleanField(
        label=gettext_lazy("A stock: the last value counts"),
        required=False,
        help_text=gettext_lazy("Like a backlog: read on the last day, added up over sites only."),
    )

    @staticmethod
    def initial_from(row: Component) -> dict[str, Any]:
        """The component's values by field name."""
        return {name: getattr(row, name) for name in ("version", "name", "name_zh", "unit", "stock")}

    def values(self) -> ComponentValues:
        """What was typed."""
        data = self.cleaned_data
        return ComponentValues(data["name"], data["unit"], data["name_zh"], data["stock"])


class NewComponentForm(ComponentForm):
    """A component to be added."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=40,
        validators=[_COMPONENT],
        help_text=gettext_lazy("The column of files, such as complaints. It stays."),
    )
    field_order = ("code", "name", "name_zh", "unit", "stock")


def component_choices(also: set[str]) -> list[Any]:
    """Every component that may be counted, grouped by where it comes from; `also`: archived ones to offer all the same."""
    built_in = ((_("Contacts"), CONTACTS), (_("Agents"), AGENTS), (_("Surveys"), SURVEYS), (_("Quality"), QUALITY))
    groups = [(label, [(one.code, one.label) for one in group]) for label, group in built_in]
    own = [(row.code, row.label) for row in Component.objects.all() if row.archived_at is None or row.code in also]
    return [*groups, (_("Daily figures"), own)]
