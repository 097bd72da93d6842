"""One of everything that an address can name, and somebody in every role."""

from dataclasses import dataclass
from typing import Any

from django.test import Client

from escalations.models import Case
from portal.accounts.choices import Role
from tests.escalations.pages_world import World, world
from tests.factories.accounts import DelegationFactory, MembershipFactory, UserFactory
from tests.web.world_accounts import accounts_args
from tests.web.world_api import api_args
from tests.web.world_approvals import approvals_args
from tests.web.world_briefs import briefs_args
from tests.web.world_case_mail import case_mail_args
from tests.web.world_cases import cases_args
from tests.web.world_catalogue import catalogue_args
from tests.web.world_channels import channels_args
from tests.web.world_contracts import contracts_args
from tests.web.world_definitions import definitions_args
from tests.web.world_directory import directory_args, workplace
from tests.web.world_facts import facts_args
from tests.web.world_follow import follow_args
from tests.web.world_fulfilment import fulfilment_args
from tests.web.world_handing import handing_args
from tests.web.world_links import links_args
from tests.web.world_messages import messages_args
from tests.web.world_performance import performance_args
from tests.web.world_playbooks import playbooks_args
from tests.web.world_readiness import readiness_args
from tests.web.world_requests import requests_args
from tests.web.world_reviews_actions import review_actions_args
from tests.web.world_reviews_findings import reviews_findings_args
from tests.web.world_reviews_jobs import reviews_jobs_args
from tests.web.world_reviews_meetings import reviews_meetings_args
from tests.web.world_reviews_packs import reviews_packs_args
from tests.web.world_reviews_visits import reviews_visits_args
from tests.web.world_statutory import statutory_args
from tests.web.world_talk import talk_args

ANONYMOUS = "anonymous"
# The columns of the matrix, in this order.
ROLES = (
    ANONYMOUS,
    "administrator",
    "coordinator",
    "manager",
    "associate",
    "service_lead",
    "lead",
    "qa",
    "agent",
    "it",
    "auditor",
    "foreign_lead",
    "foreign_coordinator",
    "stand_in",
)


@dataclass
class Everything:
    """Ids by the names that addresses use, and a browser per role."""

    world: World
    clients: dict[str, Client]
    args: dict[str, dict[str, Any]]


def everything() -> Everything:
    """Build it: the case is the site's, standard, raised by its lead; the other site's people are strangers to it."""
    made = world()
    _more_people(made)
    case = made.case("Guest locked out", by="lead")
    clients = {name: made.client(name) for name in ROLES if name != ANONYMOUS}
    clients[ANONYMOUS] = Client()
    return Everything(made, clients, _args(made, case))


def _more_people(made: World) -> None:
    """A coordinator elsewhere, and somebody without a role who stands in for the coordinator."""
    made.users["foreign_coordinator"] = UserFactory(name="Foreign Coordinator")
    MembershipFactory(user=made.users["foreign_coordinator"], role=Role.COORDINATOR, site=made.other_site)
    made.users["stand_in"] = UserFactory(name="Stand In")
    DelegationFactory(principal=made.users["coordinator"], delegate=made.users["stand_in"])


def _args(made: World, case: Case) -> dict[str, dict[str, Any]]:
    """What each kind of address needs, by the names of its parameters."""
    users, place = made.users, workplace(made.site)
    parts = (
        cases_args(made, case),
        playbooks_args(made, case),
        handing_args(made),
        case_mail_args(made, case),
        links_args(made, case),
        channels_args(made),
        briefs_args(made, case),
        talk_args(made),
        statutory_args(case),
        directory_args(place),
        accounts_args(made),
        messages_args(users["administrator"]),
        api_args(users["coordinator"]),
        catalogue_args(users["it"]),
        requests_args(made, place.person_id),
        fulfilment_args(made, place.person_id),
        readiness_args(made.site, place.person_id),
        approvals_args(made),
        performance_args(made.site, place.programme, place.team, place.person_id, users["coordinator"]),
        follow_args(made.site, users["administrator"]),
        contracts_args(made.site, users["lead"]),
        facts_args(made.site),
        definitions_args(),
        review_actions_args(made),
        reviews_jobs_args(made.site),
        reviews_visits_args(made.site, users["coordinator"]),
        reviews_findings_args(made.site, users["coordinator"]),
        reviews_packs_args(made.site),
        reviews_meetings_args(made.site, users["coordinator"]),
    )
    return {name: args for part in parts for name, args in part.items()}
