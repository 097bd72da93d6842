"""Who sees which case: everything that could leak is made first, then each role looks."""

import pytest
from django.http import Http404
from django.utils import timezone

from escalations import access, queries
from escalations.actions import Refused, break_glass, create_case, grant_access, set_sensitivity
from escalations.models import Case, Service
from partners.models import Site
from portal.accounts.models import Delegation
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM, Actor
from tests.factories.escalations import CaseFactory, ServiceFactory, actor, associate, coordinator, hold, person
from tests.factories.partners import SiteFactory

pytestmark = pytest.mark.django_db
LEVELS = ("standard", "confidential", "restricted")


@pytest.fixture
def elsewhere(service: Service, site: Site) -> dict[str, Case]:
    """One case per sensitivity here, at another site of the partner, and in another service at another partner."""
    sister, foreign, other = SiteFactory(partner=site.partner), SiteFactory(), ServiceFactory()
    places = {"here": (service, site), "sister": (service, sister), "far": (other, foreign)}
    return {
        f"{name} {level}": CaseFactory(service=s, site=p, sensitivity=level)
        for name, (s, p) in places.items()
        for level in LEVELS
    }


def seen_by(someone: Actor, cases: dict[str, Case]) -> set[str]:
    """What the list shows; access, rules and entries must agree with it for every case."""
    visible = set(queries.visible_to(someone).values_list("pk", flat=True))
    for case in cases.values():
        try:
            access.get_case(someone, case.ref)
            assert case.pk in visible
            assert access.get_case(someone, case.ref, for_update=True) == case
        except Http404:
            assert case.pk not in visible
    return {name for name, case in cases.items() if case.pk in visible}


def test_each_role_sees_its_part(service: Service, site: Site, elsewhere: dict[str, Case]) -> None:
    partner = site.partner
    expected = {
        ("administrator",): {f"{p} standard" for p in ("here", "sister", "far")},
        ("auditor",): {f"{p} {s}" for p in ("here", "sister", "far") for s in LEVELS[:2]},
        ("it_fulfilment",): set(),
        ("coordinator", "site"): {"here standard"},
        ("partner_manager", "site"): {"here standard"},
        ("coordinator", "partner"): {"here standard", "sister standard"},
        ("partner_lead", "site"): {"here standard"},
        ("partner_qa", "site"): {"here standard"},
        ("partner_agent", "site"): set(),
        ("associate", "service"): {"here standard", "here confidential", "sister standard", "sister confidential"},
    }
    scopes = {"site": site, "partner": partner, "service": service}
    found = {key: seen_by(actor(key[0], **{name: scopes[name] for name in key[1:]}), elsewhere) for key in expected}
    assert found == expected


def test_nobody_signed_in_sees_nothing_and_the_system_everything(elsewhere: dict[str, Case]) -> None:
    assert seen_by(Actor(user_id=0), elsewhere) == set()
    assert seen_by(SYSTEM, elsewhere) == set(elsewhere)


def test_leading_a_service_does_not_open_its_restricted_cases(service: Service, elsewhere: dict[str, Case]) -> None:
    lead = associate(service, lead=True)
    assert seen_by(lead, elsewhere) == {"here standard", "here confidential", "sister standard", "sister confidential"}
    assert {stub.ref for stub in queries.restricted_stubs(lead)} == {
        elsewhere["here restricted"].ref,
        elsewhere["sister restricted"].ref,
    }
    assert queries.restricted_stubs(associate(service)) == []


def test_an_agent_sees_what_they_raised_and_nobody_elses(service: Service, site: Site) -> None:
    mine, other = actor("partner_agent", site=site), actor("partner_agent", site=site)
    case = CaseFactory(actor=mine, service=service, site=site)
    cases = {"mine": case, "other": CaseFactory(actor=other, service=service, site=site)}
    assert seen_by(mine, cases) == {"mine"}


@pytest.mark.parametrize("role", ["coordinator", "partner_manager", "associate"])
def test_a_grant_opens_one_restricted_case(service: Service, site: Site, elsewhere: dict[str, Case], role: str) -> None:
    someone = actor(role, **({"service": service} if role == "associate" else {"site": site}))
    before = seen_by(someone, elsewhere)
    hold(elsewhere["far restricted"], someone)
    hold(elsewhere["far confidential"], someone)
    assert seen_by(someone, elsewhere) == before | {"far restricted"}


@pytest.mark.parametrize(
    ("role", "scoped"), [("administrator", False), ("auditor", False), ("partner_lead", True), ("partner_agent", True)]
)
def test_a_grant_is_worth_nothing_to_roles_that_may_not_hold_one(
    site: Site, elsewhere: dict[str, Case], role: str, scoped: bool
) -> None:
    someone = actor(role, **({"site": site} if scoped else {}))
    before = seen_by(someone, elsewhere)
    hold(elsewhere["here restricted"], someone)
    assert seen_by(someone, elsewhere) == before


def test_grants_end(service: Service, elsewhere: dict[str, Case]) -> None:
    someone, now = associate(service), timezone.now()
    before = seen_by(someone, elsewhere)
    hold(elsewhere["here restricted"], someone, expires_at=now)
    hold(elsewhere["far restricted"], someone, revoked_at=now)
    assert seen_by(someone, elsewhere) == before


def test_a_stand_in_sees_what_the_other_sees_less_restricted_grants(
    service: Service, site: Site, elsewhere: dict[str, Case]
) -> None:
    principal = person("associate", service=service)
    hold(elsewhere["here restricted"], actor_for(principal))
    stand_in = person("coordinator", site=site)
    now = timezone.now()
    Delegation.objects.create(
        principal=principal,
        delegate=stand_in,
        created_by=principal,
        starts_at=now - timezone.timedelta(hours=1),
        ends_at=now + timezone.timedelta(hours=1),
    )
    assert seen_by(actor_for(stand_in), elsewhere) == {
        "here standard",
        "here confidential",
        "sister standard",
        "sister confidential",
    }


def test_an_agents_stand_in_follows_what_the_agent_raised_and_raises_for_them(service: Service, site: Site) -> None:
    agent, stand_in = person("partner_agent", site=site), person("partner_agent", site=SiteFactory())
    raised = CaseFactory(actor=actor_for(agent), service=service, site=site)
    now = timezone.now()
    Delegation.objects.create(
        principal=agent,
        delegate=stand_in,
        created_by=agent,
        starts_at=now - timezone.timedelta(hours=1),
        ends_at=now + timezone.timedelta(hours=1),
    )
    acting = actor_for(stand_in)
    more = CaseFactory(actor=acting, service=service, site=site)
    cases = {"raised": raised, "more": more}
    assert seen_by(acting, cases) == {"raised", "more"} == seen_by(actor_for(agent), cases)
    entry = more.entries.get(code="opened")
    assert (entry.actor_id, entry.on_behalf_of_id) == (stand_in.pk, agent.pk)


def test_partner_users_see_that_a_case_was_taken_over_and_nothing_more(service: Service, site: Site) -> None:
    lead, agent = actor("partner_lead", site=site), actor("partner_agent", site=site)
    taken = CaseFactory(actor=agent, service=service, site=site, subject="Taken over")
    CaseFactory(service=service, site=site, sensitivity="confidential", subject="Never theirs")
    CaseFactory(service=service, site=SiteFactory(), subject="Foreign")
    set_sensitivity(actor=associate(service), ref=taken.ref, sensitivity="confidential")
    for someone in (lead, agent):
        assert not queries.visible_to(someone).exists()
        assert [one.ref for one in queries.taken_over_for(someone)] == [taken.ref]
    assert queries.taken_over_for(actor("partner_lead", site=SiteFactory())) == []
    assert queries.taken_over_for(coordinator(site)) == []


def test_hidden_cases_are_missing_from_every_count_list_and_search(service: Service, site: Site) -> None:
    hidden = CaseFactory(service=service, site=site, subject="Zanzibar", sensitivity="confidential", customer_ref="Q77")
    CaseFactory(service=service, site=site, subject="Zanzibar too", sensitivity="restricted")
    outsider = coordinator(site)
    assert queries.tab_counts(outsider) == dict.fromkeys(queries.tab_counts(outsider), 0)
    assert queries.queue_rows(outsider).items == []
    for text in ("Zanzibar", "Q77", hidden.ref, str(hidden.pk)):
        assert not queries.visible_to(outsider).filter(queries.text_condition(text)).exists()
    member = associate(service)
    assert queries.tab_counts(member)["open"] == 1
    for text in ("Zanzibar", "zanz", "Q77", hidden.ref, hidden.ref.lower(), str(hidden.pk)):
        assert list(queries.visible_to(member).filter(queries.text_condition(text))) == [hidden]


def test_internal_entries_are_for_company_roles(service: Service, site: Site) -> None:
    case = CaseFactory(service=service, site=site)
    from escalations.actions import add_note

    add_note(actor=coordinator(site), ref=case.ref, text="Between us", shared=False)
    add_note(actor=coordinator(site), ref=case.ref, text="For all", shared=True)

    def texts(someone: Actor) -> list[str]:
        return [line.text for line in queries.entry_lines(queries.entries_visible_to(someone, case)) if line.text]

    for role in ("partner_lead", "partner_qa"):
        assert texts(actor(role, site=site)) == ["For all"]
    for someone in (coordinator(site), associate(service), actor("auditor"), actor("administrator")):
        assert texts(someone) == ["Between us", "For all"]


def test_somebody_who_is_both_sees_internal_entries_only_where_a_company_role_shows_the_case(
    service: Service, site: Site
) -> None:
    from portal.accounts.models import Membership

    both = person("partner_lead", site=site)
    Membership.objects.create(
        user=both, role="associate", service=service, starts_at=timezone.now() - timezone.timedelta(days=1)
    )
    inside, outside = CaseFactory(service=service, site=site), CaseFactory(service=ServiceFactory(), site=site)
    someone = actor_for(both)
    assert queries.case_rights(someone, inside, timezone.now()).sees_internal
    assert not queries.case_rights(someone, outside, timezone.now()).sees_internal


@pytest.mark.parametrize(
    "ref", ["x", "", "EC-", "EC-0", "EC-9999999999999999999", "EC-１０００１", "-1", "EC-1\x00", "1e3"]
)
def test_bad_references_are_404(ref: str) -> None:
    with pytest.raises(Http404):
        access.get_case(SYSTEM, ref)


def test_restricting_a_case_keeps_it_open_to_those_at_work_on_it(service: Service, site: Site) -> None:
    owner, restricting, bystander = associate(service), coordinator(site), associate(service)
    case = CaseFactory(service=service, site=site, owner=owner.user_id)
    set_sensitivity(actor=restricting, ref=case.ref, sensitivity="restricted")
    assert seen_by(owner, {"it": case}) == seen_by(restricting, {"it": case}) == {"it"}
    assert seen_by(bystander, {"it": case}) == set()


def test_only_leads_in_person_grant_and_never_to_themselves(service: Service, site: Site) -> None:
    case = CaseFactory(service=service, site=site, sensitivity="restricted")
    lead, member, guest = associate(service, lead=True), associate(service), coordinator(SiteFactory())
    foreign_lead = associate(ServiceFactory(), lead=True)
    for nobody in (member, foreign_lead, coordinator(site), actor("administrator"), actor("auditor")):
        with pytest.raises(Http404):
            grant_access(actor=nobody, ref=case.ref, user_id=guest.user_id or 0)
    with pytest.raises(Refused) as refused:
        grant_access(actor=lead, ref=case.ref, user_id=lead.user_id or 0)
    assert refused.value.code == "not_for_oneself"
    with pytest.raises(Refused) as refused:
        grant_access(actor=lead, ref=case.ref, user_id=person("partner_lead", site=site).pk)
    assert refused.value.code == "not_grantable"
    grant_access(actor=lead, ref=case.ref, user_id=guest.user_id or 0)
    assert seen_by(guest, {"it": case}) == {"it"}
    assert seen_by(lead, {"it": case}) == set()


def test_breaking_the_glass_is_for_those_whose_case_it_would_be(service: Service, site: Site) -> None:
    case = CaseFactory(service=service, site=site, sensitivity="restricted")
    open_case = CaseFactory(service=service, site=site, sensitivity="confidential")
    member = associate(service)
    outsiders = (coordinator(SiteFactory()), actor("administrator"), actor("auditor"), actor("partner_lead", site=site))
    for nobody in outsiders:
        with pytest.raises(Http404):
            break_glass(actor=nobody, ref=case.ref, reason="Emergency")
    with pytest.raises(Http404):
        break_glass(actor=coordinator(site), ref=open_case.ref, reason="Emergency")
    grant = break_glass(actor=member, ref=case.ref, reason="Guest on the street")
    assert grant.expires_at is not None
    assert (grant.expires_at - grant.starts_at).total_seconds() == 3600
    assert seen_by(member, {"it": case}) == {"it"}


def test_cases_raised_by_partner_users_are_standard_and_of_their_own_site(service: Service, site: Site) -> None:
    lead = actor("partner_lead", site=site)
    for wrong in (
        {"site_id": SiteFactory().pk},
        {"site_id": site.pk, "sensitivity": "confidential"},
        {"site_id": None},
    ):
        with pytest.raises(Refused) as refused:
            create_case(actor=lead, service_id=service.pk, subject="X", **wrong)  # type: ignore[arg-type]
        assert refused.value.code == "not_your_role"
    for role in ("partner_qa", "it_fulfilment", "auditor", "administrator"):
        nobody = actor(role, **({"site": site} if role == "partner_qa" else {}))
        with pytest.raises(Refused):
            create_case(actor=nobody, service_id=service.pk, site_id=site.pk, subject="X")
