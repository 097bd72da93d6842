"""Partners, sites, programmes, teams and the people who work there."""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from partners.actions.organisation import (
    PartnerValues,
    ProgrammeValues,
    SiteValues,
    TeamValues,
    add_partner,
    add_programme,
    add_site,
    add_team,
)
from partners.actions.people import PersonValues, Start, hire
from partners.queries import job_roles
from portal.accounts.rules import SYSTEM
from portal.demo.content import FAMILY, GIVEN, PARTNERS, SiteFacts

if TYPE_CHECKING:
    from partners.models import Site

PROGRAMMES = (("CARE", "Guest care", "客人支持"), ("HOST", "Host support", "房东支持"))
AGENTS_PER_TEAM = 9


@dataclass
class DemoSite:
    """One site of the demo: ids of its people, by what they do."""

    pk: int
    code: str
    name: str
    zone: str
    partner_id: int
    leads: list[int] = field(default_factory=list)
    qas: list[int] = field(default_factory=list)
    agents: list[int] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)


def build_places(calendars: dict[str, int], rng: random.Random) -> list[DemoSite]:
    """Six partners with two sites each, two programmes a site, a team each with a lead, a QA and agents."""
    sites = []
    for partner_facts in PARTNERS:
        values = PartnerValues(name=partner_facts.name, name_zh=partner_facts.name_zh, code=partner_facts.code)
        partner = add_partner(actor=SYSTEM, values=values)
        for facts in partner_facts.sites:
            site = add_site(actor=SYSTEM, partner=partner, values=_site_values(facts, calendars))
            demo_site = DemoSite(site.pk, facts.code, facts.name, facts.zone, partner.pk)
            for code, name, name_zh in PROGRAMMES:
                programme = add_programme(actor=SYSTEM, site=site, values=ProgrammeValues(name, code, name_zh))
                team = add_team(actor=SYSTEM, programme=programme, values=TeamValues(f"{name} A", f"{name_zh}一组"))
                _staff(demo_site, site, programme.pk, team.pk, rng)
            sites.append(demo_site)
    return sites


def _site_values(facts: SiteFacts, calendars: dict[str, int]) -> SiteValues:
    return SiteValues(facts.name, facts.code, facts.zone, calendars[facts.calendar], facts.name_zh)


def _staff(demo: DemoSite, site: "Site", programme_id: int, team_id: int, rng: random.Random) -> None:
    roles = dict(job_roles().values_list("code", "pk"))
    team = _Team(demo, site, programme_id, team_id)
    lead = _hire(team, roles["LEAD"], None, rng)
    demo.leads.append(lead)
    demo.qas.append(_hire(team, roles["QA"], lead, rng))
    for _ in range(AGENTS_PER_TEAM):
        demo.agents.append(_hire(team, roles["AGENT"], lead, rng))
    _leaver(team, roles["AGENT"], random.Random(team_id))


@dataclass(frozen=True, slots=True)
class _Team:
    demo: DemoSite
    site: "Site"
    programme_id: int
    team_id: int


def _leaver(team: _Team, role: int, rng: random.Random) -> None:
    """Somebody who worked here and left within the last months."""
    today = timezone.localdate()
    start = Start(
        job_role_id=role,
        first_day=today - timedelta(days=rng.randint(200, 400)),
        last_day=today - timedelta(days=rng.randint(5, 85)),
        employee_number=f"{team.demo.code}-L{team.team_id}",
        programme_id=team.programme_id,
        team_id=team.team_id,
    )
    hire(actor=SYSTEM, site=team.site, values=PersonValues(f"{rng.choice(GIVEN)} {rng.choice(FAMILY)}"), start=start)


def _hire(team: _Team, role: int, lead: int | None, rng: random.Random) -> int:
    """One person; whoever has a lead came after them, since a lead leads from their own first day on."""
    name = f"{rng.choice(GIVEN)} {rng.choice(FAMILY)}"
    longest, shortest = (1200, 600) if lead is None else (500, 30)
    start = Start(
        job_role_id=role,
        first_day=timezone.localdate() - timedelta(days=rng.randint(shortest, longest)),
        employee_number=f"{team.demo.code}-{1000 + len(team.demo.names)}",
        programme_id=team.programme_id,
        team_id=team.team_id,
        lead_id=lead,
    )
    person = hire(actor=SYSTEM, site=team.site, values=PersonValues(name=name), start=start)
    team.demo.names[person.pk] = name
    return person.pk
