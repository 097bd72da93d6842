"""What the audit trail says of this wing: words for its codes, names for its objects."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.audit.registry import Named, register_alias, register_field, register_subject, register_verbs

from .choices import Direction, Unit
from .models import Component, Kpi

_YES_NO = (("True", _("yes")), ("False", _("no")))


def register() -> None:
    """Called once, when the application is ready."""
    _definitions()


def _definitions() -> None:
    register_verbs(
        {
            "kpi.created": _("Added a KPI"),
            "kpi.changed": _("Changed a KPI"),
            "kpi.version_added": _("Gave a KPI a new formula"),
            "kpi.version_withdrawn": _("Withdrew a formula to come"),
            "kpi.archived": _("Archived a KPI"),
            "kpi.restored": _("Restored a KPI"),
            "component.created": _("Added a component"),
            "component.changed": _("Changed a component"),
            "component.archived": _("Archived a component"),
            "component.restored": _("Restored a component"),
        }
    )
    register_subject("kpi", _("KPI"), _names(Kpi, lambda row: reverse("kpis:definition", args=[row.code])))
    register_subject("component", _("Component"), _names(Component, lambda _row: reverse("kpis:components")))
    register_field("formula_number", _("Version"))
    register_field("formula_first", _("In force from"))
    register_field("kpi_direction", _("Better"), Direction.choices)
    register_field("kpi_position", _("Place in lists"))
    register_field("decimals", _("Decimals"))
    register_field("kpi_unit", _("Unit"), Unit.choices)
    register_field("stock", _("Stock"), _YES_NO)
    for verb in ("kpi.version_added", "kpi.version_withdrawn"):
        register_alias(verb, "version", "formula_number")
    register_alias("kpi.version_added", "from", "formula_first")
    register_alias("kpi.changed", "direction", "kpi_direction")
    register_alias("kpi.changed", "position", "kpi_position")
    register_alias("component.changed", "unit", "kpi_unit")


def _names(model: Any, page: Callable[[Any], str]) -> Callable[[Sequence[int]], Mapping[int, Named]]:
    """Rows by their labels, with the address of their page. One query."""
    return lambda ids: {row.pk: Named(row.label, page(row)) for row in model.objects.filter(pk__in=ids)}
