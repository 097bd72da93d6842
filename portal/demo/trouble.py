"""Trouble in the demo: an incident that goes on, one that is over, and reports in every state."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.utils import timezone

from access_requests.actions.trouble import close_incident, deal_with, report
from access_requests.choices import Symptom
from access_requests.queries import catalogue
from access_requests.queries.first_checks import own_checks
from partners import queries as directory
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM
from portal.demo.access_catalogue import IT_EMAIL
from portal.demo.people import Cast

if TYPE_CHECKING:
    from access_requests.models import TroubleReport
    from partners.models import Site


class Told(NamedTuple):
    """A report of one person: site by number, hours ago, what, where, what was tried, what happens, what IT did."""

    site: int
    hours: int
    symptom: Symptom
    system: str
    tried: tuple[str, ...]
    details: str
    verb: str = ""


REPORTS = (
    Told(1, 2, Symptom.HEADSET, "telephony", ("plug", "swap"), "The caller hears nothing"),
    Told(2, 3, Symptom.PASSWORD, "sso", ("caps_lock", "right_page"), "“Account locked” after the first try", "take"),
    Told(3, 5, Symptom.OTHER, "", ("restart",), "The second screen stays black"),
    Told(4, 27, Symptom.TOOL_DOWN, "case-desk", ("reload", "private"), "A white page after signing in", "solve"),
    Told(5, 30, Symptom.HEADSET, "", ("plug",), "It was the cable", "cancel"),
)


def build_trouble(sites: "Sequence[Site]", cast: Cast) -> None:
    """Everything that did not work in the last days; reported by the leads, dealt with by IT."""
    now = timezone.now()
    worker = actor_for(User.objects.get(email=IT_EMAIL))
    over = _alike(sites[1], cast, Symptom.TOOL_DOWN, "booking", 5, now - timedelta(hours=26), "Search never ends")
    if over.incident_id is not None:
        close_incident(actor=worker, pk=over.incident_id, at=now - timedelta(hours=24))
    _alike(sites[0], cast, Symptom.VPN, "vpn", 6, now - timedelta(minutes=50), "The tunnel drops after a minute")
    for one in REPORTS:
        at = now - timedelta(hours=one.hours)
        made = _report(sites[one.site], cast, 1, one.symptom, one.system, one.tried, one.details, at)
        actor = cast.raisers[sites[one.site].pk][0] if one.verb == "cancel" else worker
        if one.verb:
            deal_with(actor=actor, ref=made.request_id, verb=one.verb, at=at + timedelta(minutes=40))


def _alike(
    site: "Site", cast: Cast, symptom: Symptom, system: str, people: int, since: datetime, details: str
) -> "TroubleReport":
    """The last of so many reports, two minutes after each other."""
    tried = ("internet", "reconnect") if symptom == Symptom.VPN else ("reload",)
    for number in range(people):
        at = since + timedelta(minutes=2 * number)
        made = _report(site, cast, number, symptom, system, tried, details, at)
    return made


def _report(
    site: "Site", cast: Cast, number: int, symptom: Symptom, system: str, tried: tuple[str, ...], details: str,
    at: datetime,
) -> "TroubleReport":  # fmt: skip
    place = catalogue.systems_visible_to(SYSTEM).get(code=system).pk if system else None
    own = [one.code for one in own_checks(place)][:1]
    return report(
        actor=cast.raisers[site.pk][0], site_id=site.pk, person_id=_people(site)[number], symptom=symptom,
        system_id=place, checks=[*own, *tried], details=details, at=at,
    )  # fmt: skip


def _people(site: "Site") -> list[int]:
    rows = directory.placements_visible_to(SYSTEM).filter(directory.in_force(directory.today()), site=site)
    return list(rows.filter(job_role__code="AGENT").order_by("pk").values_list("person_id", flat=True)[:6])
