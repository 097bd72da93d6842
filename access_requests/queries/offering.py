"""What can be asked for."""

from itertools import groupby

from ..models import Entitlement


def offered_entitlements() -> list[tuple[str, list[tuple[int, str]]]]:
    """Entitlements in use by their system, with how long each may be held. One query."""
    rows = Entitlement.objects.filter(archived_at=None, system__archived_at=None).select_related("system")
    ordered = sorted(rows, key=lambda one: (one.system.label, one.system_id, one.label, one.pk))
    return [
        (some[0].system.label, [(one.pk, f"{one.system.label}: {one.label}") for one in some])
        for some in (list(rows) for _system, rows in groupby(ordered, key=lambda one: one.system_id))
    ]
