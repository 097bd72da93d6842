"""Components beyond the built-in ones, kept as daily figures."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.audit.actions import record
from portal.refusals import ConflictError, RefusedError

from ..access import definitions as access
from ..components import BY_CODE
from ..models import Component, Figure
from ..queries import definitions as queries
from .definitions import RESERVED


@dataclass(frozen=True, slots=True)
class ComponentValues:
    """How a component is called, what it counts, and whether it is a stock."""

    name: str
    unit: str
    name_zh: str = ""
    stock: bool = False


@transaction.atomic
def add_component(*, actor: Actor, code: str, values: ComponentValues) -> Component:
    """A component of its own; audited. Raises Http404, PermissionDenied, RefusedError."""
    acting = access.permit_defining(actor)
    if code in BY_CODE or code in RESERVED:
        raise RefusedError("code_taken", "code")
    try:
        with transaction.atomic():
            made = Component.objects.create(code=code, **asdict(values))
    except IntegrityError as error:
        raise RefusedError("code_taken", "code") from error
    _record(acting, "created", made, {"code": code})
    return made


@transaction.atomic
def change_component(*, actor: Actor, code: str, version: int, values: ComponentValues) -> Component:
    """Another name or unit; a stock only while it has no figures. Raises Http404, PermissionDenied, ConflictError, RefusedError."""
    row = access.get_component(actor, code, for_update=True)
    acting = access.permit_defining(actor)
    changed = {name: value for name, value in asdict(values).items() if getattr(row, name) != value}
    if not changed:
        return row
    if row.version != version:
        raise ConflictError(row)
    if "stock" in changed and Figure.objects.filter(component=row).exists():
        raise RefusedError("has_figures", "stock")
    told = {name: [getattr(row, name), value] if name in {"unit", "stock"} else True for name, value in changed.items()}
    for name, value in changed.items():
        setattr(row, name, value)
    _bump(row, *changed)
    _record(acting, "changed", row, told)
    return row


@transaction.atomic
def archive_component(*, actor: Actor, code: str) -> Component:
    """Take a component out of use that no formula in force or to come counts. Raises Http404, PermissionDenied, RefusedError."""
    row = access.get_component(actor, code, for_update=True)
    acting = access.permit_defining(actor)
    if using := queries.kpis_counting(code, timezone.now().date()):
        raise RefusedError("in_formula", params={"kpis": ", ".join(kpi.label for kpi in using)})
    if row.archived_at is None:
        row.archived_at = timezone.now()
        _bump(row, "archived_at")
        _record(acting, "archived", row)
    return row


@transaction.atomic
def restore_component(*, actor: Actor, code: str) -> Component:
    """Bring a component back into use. Raises Http404, PermissionDenied."""
    row = access.get_component(actor, code, for_update=True)
    acting = access.permit_defining(actor)
    if row.archived_at is not None:
        row.archived_at = None
        _bump(row, "archived_at")
        _record(acting, "restored", row)
    return row


def _bump(row: Component, *changed: str) -> None:
    row.version += 1
    row.save(update_fields=[*changed, "version"])


def _record(acting: Actor, verb: str, row: Component, changes: Mapping[str, object] | None = None) -> None:
    record(actor=acting, verb=f"component.{verb}", subject_type="component", subject_id=row.pk, changes=changes or {})
