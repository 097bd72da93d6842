"""People in every role, with a password of the demo's."""

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from portal.accounts.actions import Grant, first_administrator, invite
from portal.accounts.choices import Role
from portal.accounts.models import Invitation, Membership, User
from portal.accounts.queries import actor_for
from portal.accounts.rules import Actor
from portal.demo.content import FAMILY, GIVEN
from portal.demo.places import DemoSite

PASSWORD = "look-around-2026"  # noqa: S105 - printed at every start of the demo
ADMIN_EMAIL = "admin@demo.example"
# A fixed secret, so that the demo can print the code that is current when it starts.
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105
ASSOCIATES_PER_SERVICE = 5
HERE_FOR_DAYS = 90
ASIA = ("BLUEWAVE", "HARBOUR", "LUMEN")

# Who is printed at the start, one per role.
LOGINS = (
    (Role.ADMINISTRATOR, ADMIN_EMAIL),
    (Role.COORDINATOR, "coordinator@demo.example"),
    (Role.MANAGER, "manager@demo.example"),
    (Role.ASSOCIATE, "associate@demo.example"),
    (Role.PARTNER_LEAD, "lead@demo.example"),
    (Role.PARTNER_QA, "qa@demo.example"),
    (Role.AGENT, "agent@demo.example"),
    (Role.IT, "it@demo.example"),
    (Role.AUDITOR, "auditor@demo.example"),
)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who acts in the demo's cases."""

    coordinators: dict[int, Actor]  # by site
    associates: dict[int, list[Actor]]  # by service, its lead first
    raisers: dict[int, list[Actor]]  # by site: leads and agents


def build_people(sites: list[DemoSite], services: dict[str, int], rng: random.Random) -> None:
    """Users through invitations, all with one password; the administrator with a second factor."""
    first_administrator(email=ADMIN_EMAIL, name="Ada Okafor")
    admin = User.objects.get(email=ADMIN_EMAIL)
    TOTP.activate(admin, TOTP_SECRET)
    host = actor_for(admin)
    _coordinators(host, sites)
    for code, pk in services.items():
        _associates(host, code, pk, rng)
    for number, site in enumerate(sites):
        _partner_people(host, site, first=number == 0)
    _invite(host, "it@demo.example", "Kwame Mensah", [Grant(Role.IT)])
    _invite(host, "auditor@demo.example", "Elena Petrova", [Grant(Role.AUDITOR)])
    _open_the_doors()


def cast_of(partner_of_site: dict[int, int]) -> Cast:
    """Everybody who acts in cases, read back from their memberships."""
    cast = Cast({}, defaultdict(list), defaultdict(list))
    actors = {user.pk: actor_for(user) for user in User.objects.order_by("pk")}
    rows = Membership.objects.filter(ended_at=None).order_by("-is_lead", "pk")
    for row in rows:
        actor = actors[row.user_id]
        if row.role == Role.ASSOCIATE and row.service_id:
            cast.associates[row.service_id].append(actor)
        elif row.role in {Role.PARTNER_LEAD, Role.AGENT} and row.site_id:
            cast.raisers[row.site_id].append(actor)
        elif row.role == Role.COORDINATOR:
            own = (site for site, partner in partner_of_site.items() if partner == row.partner_id)
            cast.coordinators.update(dict.fromkeys(own, actor))
    return cast


def _invite(host: Actor, email: str, name: str, grants: list[Grant], **more: object) -> User:
    return invite(actor=host, email=email, name=name, grants=grants, **more)  # type: ignore[arg-type]


def _coordinators(host: Actor, sites: list[DemoSite]) -> None:
    """One for Asia, one for the rest of the world, and a manager over all."""
    partners = sorted({site.partner_id for site in sites})
    asia, rest = partners[: len(ASIA)], partners[len(ASIA) :]
    _invite(
        host,
        "coordinator@demo.example",
        "Mei Lin",
        _for(Role.COORDINATOR, asia),
        language="en",
        time_zone="Asia/Shanghai",
    )
    _invite(
        host, "coordinator.west@demo.example", "Tomás Ferreira", _for(Role.COORDINATOR, rest), time_zone="Europe/Lisbon"
    )
    _invite(host, "manager@demo.example", "Olga Marchenko", _for(Role.MANAGER, partners), time_zone="Europe/Sofia")


def _for(role: Role, partners: list[int]) -> list[Grant]:
    return [Grant(role, partner_id=pk) for pk in partners]


def _associates(host: Actor, code: str, service_id: int, rng: random.Random) -> None:
    for n in range(ASSOCIATES_PER_SERVICE):
        printed = code == "social" and n == 0
        email = "associate@demo.example" if printed else f"{code}.{n + 1}@demo.example"
        name = "Chen Wei" if printed else f"{rng.choice(GIVEN)} {rng.choice(FAMILY)}"
        language = "zh-hans" if n == 1 else "en"
        grant = Grant(Role.ASSOCIATE, service_id=service_id, is_lead=n == 0)
        _invite(host, email, name, [grant], language=language, time_zone="Asia/Shanghai")


def _partner_people(host: Actor, site: DemoSite, *, first: bool) -> None:
    """The leads, QAs and two agents of a site; those of the first site are the logins that are printed."""
    low = site.code.lower()
    plan = [(Role.PARTNER_LEAD, "lead", person) for person in site.leads]
    plan += [(Role.PARTNER_QA, "qa", person) for person in site.qas[:1]]
    plan += [(Role.AGENT, "agent", person) for person in site.agents[:2]]
    used: set[str] = set()
    for n, (role, word, person) in enumerate(plan):
        printed = first and word not in used
        used.add(word)
        email = f"{word}@demo.example" if printed else f"{word}{n + 1}.{low}@demo.example"
        grant = Grant(role, site_id=site.pk)
        _invite(host, email, site.names[person], [grant], time_zone=site.zone, person_id=person)


def _open_the_doors() -> None:
    """Let everybody in, with roles that began before the oldest case.

    One hash for all: hashing a hundred passwords one by one would take a minute.
    """
    User.objects.update(password=make_password(PASSWORD))
    Invitation.objects.update(accepted_at=timezone.now())
    Membership.objects.update(starts_at=timezone.now() - timedelta(days=HERE_FOR_DAYS))
