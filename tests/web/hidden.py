"""A world with something to hide: cases whose words are unmistakable, and who may read which of them.

Who may read what is written down here by hand, from the guide, and not asked of the code under test.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from escalations import actions
from escalations.models import CaseGrant
from portal.accounts.actions import deactivate
from portal.accounts.choices import Role
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM
from tests.factories.accounts import DelegationFactory, MembershipFactory, UserFactory
from tests.web.hidden_reviews import Kept, of_reviews, out_of_cases
from tests.web.world import ANONYMOUS, Everything, everything

# Stands in every subject, so that one search finds all that the reader may see.
COMMON = "Harbour"
ADMIN, AUDITOR = {"administrator"}, {"auditor"}
SITE = {"coordinator", "manager", "stand_in"}
PARTNER = {"lead", "qa", "stand_in_of_lead"}
MEMBERS = {"associate", "service_lead", "stand_in_of_service_lead"}
NOBODY = ("lapsed", "former", "deactivated", "it", ANONYMOUS)


@dataclass
class Hidden:
    """One case: its number, its words by where they stand, and who may read them.

    `readers` see the case; `inside` are those of them who also see internal notes; `refs` know of the reference only.
    """

    key: str
    readers: set[str]
    inside: set[str]
    refs: set[str] = field(default_factory=set)
    pk: int = 0

    @property
    def ref(self) -> str:
        """Its reference."""
        return f"EC-{self.pk}"

    def word(self, place: str) -> str:
        """The unmistakable word of one place."""
        return f"zq{self.key}{place}xw"

    def unseen_by(self, who: str) -> list[str]:
        """Words that must never reach this person."""
        places = ["subject", "body", "customer", "contact", "shared"] if who not in self.readers else []
        places += ["internal", "fact", "card"] if who not in self.inside else []
        return [self.word(place) for place in [*places, "redacted"]]


@dataclass
class Secrets:
    """The world, its cases, what its reviews keep, and a browser per person."""

    made: Everything
    cases: dict[str, Hidden]
    kept: list[Kept] = field(default_factory=list)

    @property
    def clients(self) -> dict[str, Client]:
        """A browser per person."""
        return self.made.clients

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody with a browser."""
        return tuple(self.made.clients)


def secrets() -> Secrets:
    """Build it."""
    made = everything()
    _people(made)
    found = Secrets(made, {one.key: one for one in _cases()})
    for one in found.cases.values():
        _raise(found, one)
    found.kept += out_of_cases(made.world, found.cases)
    _close_in(found)
    found.kept += of_reviews(made.world)
    made.clients |= {name: made.world.client(name) for name in made.world.users if name not in made.clients}
    _gone(found)
    return found


def _people(made: Everything) -> None:
    world = made.world
    users = world.users
    for name in ("colleague", "lapsed", "former", "deactivated", "stand_in_of_lead", "stand_in_of_service_lead"):
        users[name] = UserFactory(name=name.replace("_", " ").title(), email=f"{name}@example.test")
    MembershipFactory(user=users["colleague"], role=Role.AGENT, site=world.site)
    MembershipFactory(user=users["deactivated"], role=Role.COORDINATOR, site=world.site)
    ended = MembershipFactory(user=users["former"], role=Role.COORDINATOR, site=world.site)
    ended.ended_at = timezone.now()
    ended.save(update_fields=["ended_at"])
    DelegationFactory(principal=users["lead"], delegate=users["stand_in_of_lead"])
    DelegationFactory(principal=users["service_lead"], delegate=users["stand_in_of_service_lead"])
    past = timezone.now() - timedelta(hours=1)
    DelegationFactory(
        principal=users["manager"], delegate=users["lapsed"], starts_at=past - timedelta(days=1), ends_at=past
    )


def _cases() -> list[Hidden]:
    inside = ADMIN | AUDITOR | SITE | MEMBERS
    return [
        Hidden("standard", inside | PARTNER, inside),
        Hidden("agents", inside | PARTNER | {"agent"}, inside),
        Hidden("colleagues", inside | PARTNER | {"colleague"}, inside),
        Hidden("confidential", MEMBERS | AUDITOR, MEMBERS | AUDITOR, PARTNER),
        Hidden("others", {"other_associate"} | AUDITOR, {"other_associate"} | AUDITOR, {"foreign_lead"}),
        Hidden("restricted", {"service_lead", "coordinator"}, {"service_lead", "coordinator"}, PARTNER | {"associate"}),
        Hidden(
            "foreign",
            {"foreign_lead", "foreign_coordinator", "other_associate"} | ADMIN | AUDITOR,
            {"foreign_coordinator", "other_associate"} | ADMIN | AUDITOR,
        ),
    ]


_RAISED_BY = {"agents": "agent", "colleagues": "colleague", "others": "other_associate", "foreign": "foreign_lead"}


def _raise(found: Secrets, one: Hidden) -> None:
    """Raised as a standard case, with a note of each kind, and words that were taken back."""
    world = found.made.world
    elsewhere = one.key in ("others", "foreign")
    case = actions.create_case(
        actor=actor_for(world.users[_RAISED_BY.get(one.key, "lead")]),
        service_id=(world.other_service if elsewhere else world.service).pk,
        site_id=(world.other_site if elsewhere else world.site).pk,
        subject=f"{COMMON} {one.word('subject')}",
        description=one.word("body"),
        customer_ref=one.word("customer"),
        contact_hint=one.word("contact"),
    )
    one.pk = case.pk
    for place, shared in (("internal", False), ("shared", True), ("redacted", True)):
        entry = actions.add_note(actor=SYSTEM, ref=case.pk, text=one.word(place), shared=shared)
        if place == "redacted":
            actions.redact_entry(actor=SYSTEM, ref=case.pk, entry_id=entry.pk)
    actions.record_fact(actor=SYSTEM, ref=case.pk, text=one.word("fact"), source="customer")
    actions.keep_card(actor=SYSTEM, ref=case.pk, values={"preferred_name": one.word("card")}, source="customer")
    watchers = ("coordinator", "lead") if not elsewhere else ("foreign_lead",)
    for who in watchers:
        actions.watch(actor=actor_for(world.users[who]), ref=case.pk)


def _close_in(found: Secrets) -> None:
    """Some become sensitive; whoever owned, watched or raised them until then stays outside."""
    world, cases = found.made.world, found.cases
    actor = {name: actor_for(user) for name, user in world.users.items()}
    actions.assign(actor=actor["coordinator"], ref=cases["confidential"].pk, owner_id=actor["coordinator"].user_id)
    actions.set_sensitivity(actor=actor["service_lead"], ref=cases["confidential"].pk, sensitivity="confidential")
    actions.set_sensitivity(actor=actor["other_associate"], ref=cases["others"].pk, sensitivity="confidential")
    restricted = cases["restricted"].pk
    # It was restricted before, for another reason: whoever was let in then is outside now.
    actions.set_sensitivity(actor=actor["service_lead"], ref=restricted, sensitivity="restricted")
    for who in ("associate", "manager", "other_associate"):
        actions.grant_access(actor=actor["service_lead"], ref=restricted, user_id=world.users[who].pk, reason="Before")
    for level in ("confidential", "restricted"):
        actions.set_sensitivity(actor=actor["service_lead"], ref=restricted, sensitivity=level)
    for who in ("coordinator", "manager", "deactivated"):
        grant = actions.grant_access(
            actor=actor["service_lead"], ref=restricted, user_id=world.users[who].pk, reason="Needed"
        )
        if who == "manager":
            past = timezone.now() - timedelta(minutes=5)
            CaseGrant.objects.filter(pk=grant.pk).update(starts_at=past - timedelta(hours=1), expires_at=past)


def _gone(found: Secrets) -> None:
    """Signed in, then deactivated."""
    users = found.made.world.users
    deactivate(actor=actor_for(users["administrator"]), user_id=users["deactivated"].pk)
