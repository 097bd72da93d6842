"""The case, what hangs on it, and an emergency look at another, for the addresses of cases and of services."""

from typing import Any

from escalations.actions import Acts, Saying, add_macro, add_template, break_glass, record_fact
from escalations.models import Case, CaseGrant, TimelineEntry
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM
from sla.models import Calendar, Clock, Policy
from tests.escalations.pages_world import World, issue_tree


def cases_args(made: World, case: Case) -> dict[str, dict[str, Any]]:
    """What addresses of cases, services, calendars, policies and clocks need."""
    entry = TimelineEntry.objects.filter(case=case).order_by("pk")[0]
    fact = record_fact(actor=SYSTEM, ref=case.pk, text="Booking seen", key="booking", source="checked")
    saying = Saying(name="Holding line", body="Dear {{ preferred_name }}")
    template = add_template(actor=SYSTEM, service_id=made.service.pk, saying=saying)
    acts = Acts(name="Hold", take=True, reply_id=template.pk, verb="wait_customer")
    macro = add_macro(actor=SYSTEM, service_id=made.service.pk, acts=acts)
    clock = Clock.objects.filter(subject_id=case.pk).order_by("pk")[0]
    return {
        "ref": {"ref": case.ref},
        "clock": {"ref": case.ref, "clock_id": clock.pk},
        "entry": {"ref": case.ref, "entry_id": entry.pk},
        "fact": {"ref": case.ref, "fact_id": fact.pk},
        "grant": {"grant_id": _break_glass(made).pk},
        "service": {"code": made.service.code},
        "member": {"code": made.service.code, "user_id": made.users["associate"].pk},
        "macro": {"pk": macro.pk},
        "template": {"pk": template.pk},
        "issue": {"pk": issue_tree().pk},
        "calendar": {"calendar_id": Calendar.objects.order_by("pk")[0].pk},
        "policy": {"policy_id": Policy.objects.order_by("pk")[0].pk},
        "sla_clock": {"clock_id": clock.pk},
        "kind": {"subject_kind": "case"},
    }


def _break_glass(made: World) -> CaseGrant:
    """An emergency look at a restricted case by an associate, to be reviewed by the service's lead."""
    case = made.case("A restricted matter", by="service_lead", sensitivity="restricted")
    return break_glass(actor=actor_for(made.users["associate"]), ref=case.pk, reason="Safety of a person tonight.")
