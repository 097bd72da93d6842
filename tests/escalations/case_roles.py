"""Somebody in each role, and a case in each state."""

from typing import Any

from django.utils import timezone

from escalations.models import Case, Service
from partners.models import Site
from portal.accounts.rules import Actor
from tests.factories.escalations import (
    CaseFactory,
    ServiceFactory,
    actor,
    associate,
)
from tests.factories.partners import SiteFactory

# -- the state machine, whole: every state x verb x role

WORKERS = {"coordinator", "partner_manager", "associate", "lead"}


TRIAGERS = {"coordinator", "partner_manager", "lead"}


ROLES = WORKERS | {"partner_lead", "partner_qa", "partner_agent", "auditor", "administrator"}


OUTSIDE = {"it_fulfilment", "foreign coordinator", "foreign associate", "foreign partner_lead"}


def in_role(role: str, service: Service, site: Site) -> Actor:
    """Somebody in a role that sees the case, or nearly."""
    here = role.removeprefix("foreign ")
    if role != here:
        service, site = ServiceFactory(), SiteFactory()
    if here in ("associate", "lead"):
        return associate(service, lead=here == "lead")
    return actor(here, **({} if here in ("auditor", "administrator", "it_fulfilment") else {"site": site}))


def put(case: Case, state: str) -> None:
    """Set a state behind the actions' back, as consistent as the database asks."""
    columns: dict[str, Any] = {"state": state, "reject_reason": "", "merged_into": None}
    columns["resolved_at"] = timezone.now() if state in ("resolved", "closed") else None
    if state == "rejected":
        columns["reject_reason"] = "spam"
    if state == "merged":
        columns["merged_into"] = CaseFactory(service=case.service, site=case.site)
    Case.objects.filter(pk=case.pk).update(**columns)
