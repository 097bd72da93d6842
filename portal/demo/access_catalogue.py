"""The demo's systems, groups, approval rules, bundles and conflict rules, through the actions of the catalogue."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from access_requests.actions import adopting, catalogue, in_silence
from access_requests.choices import Channel, StageKind
from partners import queries as directory
from portal.accounts.models import User
from portal.accounts.rules import SYSTEM
from portal.demo.access_content import BUNDLES, CONFLICTS, GROUPS, SYSTEMS, Place, Thing

IT_EMAIL, MANAGER_EMAIL = "it@demo.example", "manager@demo.example"
PRIVILEGED_DAYS = 90
# Comes with the second version of a bundle.
LATER = "qa-results"
# The portal took over so long ago; every so manieth person could not work on the first day.
BEFORE = timedelta(days=700)
LATE = 9


def build_access_catalogue() -> None:
    """Everything that can be held, and who decides and works it; then who held it before the portal came."""
    users = dict(User.objects.values_list("email", "pk"))
    groups = _groups(users)
    rule = _payments_rule(groups)
    things = {
        one.code: catalogue.add_entitlement(actor=SYSTEM, system=place.code, code=one.code, values=_thing(one, rule)).pk
        for place in SYSTEMS
        for one in _system(place, groups, users)
    }
    _bundles(things)
    for code, name, name_zh, left, right in CONFLICTS:
        values = catalogue.SodValues(name, name_zh)
        catalogue.add_sod_rule(actor=SYSTEM, code=code, values=values, left_id=things[left], right_id=things[right])
    adopt_everybody()
    agents = next(content for code, *_rest, content in BUNDLES if code == "agent")
    with in_silence():
        catalogue.save_version(
            actor=SYSTEM, code="agent", version=None, entitlement_ids=[things[one] for one in agents]
        )


def _groups(users: dict[str, int]) -> dict[str, int]:
    made = {}
    for code, name, name_zh in GROUPS:
        made[code] = catalogue.add_group(actor=SYSTEM, code=code, values=catalogue.GroupValues(name, name_zh)).pk
    for code in ("service-desk", "telephony"):
        catalogue.add_member(actor=SYSTEM, code=code, user_id=users[IT_EMAIL])
    for email in ("payments.1@demo.example", "payments.2@demo.example", "it@demo.example"):
        if email in users:
            catalogue.add_member(actor=SYSTEM, code="payments-security", user_id=users[email])
    return made


def _payments_rule(groups: dict[str, int]) -> int:
    stages = [
        catalogue.StageValues(StageKind.SITE_MANAGER),
        catalogue.StageValues(StageKind.GROUP_ANY, groups["payments-security"]),
    ]
    values = catalogue.RuleValues("Manager, then payments security", "经理，再由支付安全组")
    return catalogue.add_rule(actor=SYSTEM, code="payments", values=values, stages=stages).pk


def _system(place: Place, groups: dict[str, int], users: dict[str, int]) -> tuple[Thing, ...]:
    mails = bool(place.ticket_address)
    values = catalogue.SystemValues(
        place.name, place.name_zh, owner_id=users[MANAGER_EMAIL], group_id=groups[place.group],
        channel=Channel.EMAIL if mails else Channel.MANUAL, ticket_address=place.ticket_address,
        ticket_language=place.ticket_language, **_checks(place.checks),
        data_class=place.data_class, seat_limit=place.seats, lead_minutes=place.minutes,
        seat_cost=Decimal(place.cost) if place.cost else None, currency="EUR" if place.cost else "",
    )  # fmt: skip
    catalogue.add_system(actor=SYSTEM, code=place.code, values=values)
    return place.things


def _thing(one: Thing, rule: int) -> catalogue.EntitlementValues:
    return catalogue.EntitlementValues(
        one.name, one.name_zh, rule_id=rule if one.rule else None, privileged=one.privileged,
        max_days=PRIVILEGED_DAYS if one.privileged else None, **_checks(one.checks),
    )  # fmt: skip


def _checks(pairs: tuple[tuple[str, str], ...]) -> catalogue.Checks:
    return {"first_checks": tuple(one for one, _zh in pairs), "first_checks_zh": tuple(zh for _one, zh in pairs)}


def _bundles(things: dict[str, int]) -> None:
    roles = dict(directory.job_roles().values_list("code", "pk"))
    for code, name, name_zh, role, programme, birthright, content in BUNDLES:
        values = catalogue.BundleValues(name, name_zh, birthright)
        row = catalogue.add_bundle(
            actor=SYSTEM, code=code, values=values, job_role_id=roles[role], programme_code=programme
        )
        row.refresh_from_db()
        # Nobody is asked: what people had before is adopted.
        wanted = [things[one] for one in content if one != LATER]
        catalogue.save_version(
            actor=SYSTEM, code=code, version=row.version, entitlement_ids=wanted, ask=False, at=timezone.now() - BEFORE
        )


def adopt_everybody() -> int:
    """Whoever works here today has held what the job brings since the day before the first one; a few had to wait for it."""
    today = directory.today()
    rows = directory.placements_visible_to(SYSTEM).filter(directory.in_force(today)).order_by("-period")
    since = {one.person_id: datetime.combine(one.first_day, time(9), UTC) + _lead(one.person_id) for one in rows}
    return adopting.adopt(actor=SYSTEM, since=since, at=timezone.now())


def _lead(person_id: int) -> timedelta:
    return timedelta(days=2 if person_id % LATE == 0 else -1)
