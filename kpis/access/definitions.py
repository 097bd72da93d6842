"""Definitions, fetched and authorised in one call: whoever reads figures reads them, administrators and partner managers change them."""

from typing import Final

from django.core.exceptions import PermissionDenied
from django.http import Http404

from portal.accounts.choices import Role
from portal.accounts.rules import Actor

from ..models import Component, Kpi, KpiVersion
from ..queries.scope import reads_figures
from .contracts import one

DEFINING: Final = (Role.ADMINISTRATOR, Role.MANAGER)


def may_define(actor: Actor) -> bool:
    """Whether the actor may change what KPIs are."""
    return actor.is_system or actor.has(*DEFINING)


def permit_reading(actor: Actor) -> None:
    """Raises Http404 for whoever reads no figures."""
    if not reads_figures(actor):
        raise Http404


def permit_defining(actor: Actor) -> Actor:
    """The actor as who they define. Raises Http404 for strangers, PermissionDenied for readers."""
    permit_reading(actor)
    if not may_define(actor):
        raise PermissionDenied
    return actor if actor.is_system else actor.acting_as(actor.of(*DEFINING)[0])


def get_kpi(actor: Actor, code: str, *, for_update: bool = False) -> Kpi:
    """A KPI by code. Raises Http404."""
    permit_reading(actor)
    return one(Kpi.objects.all(), for_update, code=code)


def get_version(kpi: Kpi, number: int) -> KpiVersion:
    """A version of a KPI. Raises Http404."""
    return one(KpiVersion.objects.all(), kpi=kpi, number=number)


def get_component(actor: Actor, code: str, *, for_update: bool = False) -> Component:
    """A component of its own by code. Raises Http404."""
    permit_reading(actor)
    return one(Component.objects.all(), for_update, code=code)
