"""Cases whose owner cannot work them any more stand in a list of their own and are counted on My day, for whom they concern."""

from datetime import timedelta
from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from escalations import queries
from escalations.actions import assign
from escalations.models import Case, CaseGrant
from escalations.queries import QueueFilters, left
from escalations.queries.left import GONE, left_by_owner
from escalations.queries.people import in_good_hands
from portal.accounts.actions import deactivate, end_membership
from portal.accounts.models import Delegation, Membership
from portal.accounts.rules import SYSTEM, Actor
from tests.escalations.pages_world import World, world
from tests.factories.accounts import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
LEFT = QueueFilters(owner=(GONE,))


@pytest.fixture
def made() -> World:
    return world()


def owned(made: World, who: str, subject: str, **about: object) -> Case:
    """A case of somebody's, whatever they may do with it."""
    case = made.case(subject, **about)
    Case.objects.filter(pk=case.pk).update(owner=made.users[who])
    return case


def leave(made: World, who: str) -> None:
    end_membership(actor=SYSTEM, membership_id=Membership.objects.get(user=made.users[who]).pk)


def waiting(made: World, who: str) -> str:
    """What waits for one of them, as My day has it."""
    return str(made.client(who).get("/day/waiting/").content.decode())


def found(reader: Actor, filters: QueueFilters = LEFT, tab: str = "open") -> list[str]:
    return [row.case.subject for row in queries.queue_rows(reader, tab=tab, filters=filters).items]


def test_the_list_holds_what_the_rule_says_for_every_kind_of_owner(made: World) -> None:
    partner = made.site.partner
    made.users["partner_coordinator"] = UserFactory(name="Of all sites")
    MembershipFactory(user=made.users["partner_coordinator"], role="coordinator", partner=partner)
    made.users["later"] = UserFactory(name="Begins next week")
    MembershipFactory(
        user=made.users["later"], role="associate", service=made.service, starts_at=timezone.now() + timedelta(days=7)
    )
    made.users["stand_in"] = UserFactory(name="Stands in")
    now = timezone.now()
    Delegation.objects.create(
        principal=made.users["associate"],
        delegate=made.users["stand_in"],
        starts_at=now,
        ends_at=now + timedelta(days=3),
    )
    deactivate(actor=SYSTEM, user_id=made.users["manager"].pk)
    cases = []
    places = product((made.service, made.other_service), (made.site, made.other_site, None))
    for who, (service, site) in product(made.users, list(places)):
        for sensitivity in ("standard", "confidential", "restricted"):
            case = owned(made, who, "Any", service_id=service.pk, site_id=site.pk if site else None)
            Case.objects.filter(pk=case.pk).update(sensitivity=sensitivity)
            if sensitivity == "restricted" and site == made.site:
                ends = None if service == made.service else now + timedelta(hours=-1)
                CaseGrant.objects.create(
                    case=case, user=made.users[who], kind="grant", starts_at=now - timedelta(days=1), expires_at=ends
                )
            cases.append(case.pk)
    rows = Case.objects.select_related("site").in_bulk(cases)
    at = timezone.now()
    kept = in_good_hands(rows, at)
    assert 20 < len(kept) < len(cases) - 100
    assert set(Case.objects.filter(left_by_owner(at)).values_list("pk", flat=True)) == set(cases) - kept


def test_leads_and_coordinators_see_them_and_nobody_sees_more_than_before(made: World) -> None:
    owned(made, "associate", "Of one who went")
    owned(made, "other_associate", "Of one of another team", site_id=made.other_site.pk)
    owned(made, "other_associate", "Theirs", service_id=made.other_service.pk)
    secret = owned(made, "associate", "Confidential, of one who went")
    Case.objects.filter(pk=secret.pk).update(sensitivity="confidential")
    made.case("Nobody's")
    done = owned(made, "associate", "Ended")
    Case.objects.filter(pk=done.pk).update(state="closed", resolved_at=timezone.now(), closed_at=timezone.now())
    assert found(made.actor("service_lead")) == ["Of one of another team"]
    leave(made, "associate")
    everyones = {
        "service_lead": {"Of one who went", "Of one of another team", "Confidential, of one who went"},
        "coordinator": {"Of one who went"},
        "manager": {"Of one who went"},
        "auditor": {"Of one who went", "Of one of another team", "Confidential, of one who went"},
        "other_associate": set(),
        "associate": set(),
        "lead": set(),
        "qa": set(),
        "agent": set(),
        "it": set(),
    }
    for who, subjects in everyones.items():
        reader = made.actor(who)
        assert set(found(reader)) == subjects, who
        assert queries.tab_counts(reader, filters=LEFT)["open"] == len(subjects), who
        assert len(found(reader, QueueFilters(owner=(GONE,), state=("closed",)))) == 0, who
    assert "Nobody's" in found(made.actor("service_lead"), QueueFilters(owner=(GONE, 0)))


def test_who_sees_a_site_as_its_partner_too_reads_nothing_of_owners_there(made: World) -> None:
    owned(made, "associate", "Here")
    owned(made, "associate", "There", site_id=made.other_site.pk)
    leave(made, "associate")
    MembershipFactory(user=made.users["coordinator"], role="partner_qa", site=made.other_site)
    reader = made.actor("coordinator")
    assert set(found(reader, QueueFilters())) == {"Here", "There"}
    assert found(reader) == ["Here"]
    assert queries.tab_counts(reader, filters=LEFT)["open"] == 1


def test_the_filter_is_chosen_named_and_taken_off_on_the_page(made: World) -> None:
    owned(made, "associate", "Of one who went")
    made.case("Nobody's")
    leave(made, "associate")
    client = made.client("service_lead")
    page = client.get("/queue/?owner=gone").content.decode()
    assert "Of one who went" in page
    assert "Nobody&#x27;s" not in page
    assert "left or lost access" in page
    form = client.get("/queue/filter/?owner=gone").content.decode()
    assert '<option value="gone" selected>' in form
    assert "Of one who went" in client.get("/queue/export/?owner=gone", follow=True).getvalue().decode()
    assert 'value="gone"' not in made.client("lead").get("/queue/filter/").content.decode()


def test_my_day_counts_them_for_those_who_can_find_somebody(made: World) -> None:
    words, address = "Cases whose owner cannot work them any more", "?tab=open&amp;owner=gone"
    owned(made, "associate", "One")
    owned(made, "associate", "Two")
    assert words not in waiting(made, "service_lead")
    leave(made, "associate")
    for who in ("service_lead", "coordinator", "manager"):
        day = waiting(made, who)
        assert words in day, who
        assert address in day, who
    for who in ("other_associate", "lead", "agent", "auditor"):
        assert words not in waiting(made, who), who
    for case in Case.objects.all():
        assign(actor=made.actor("coordinator"), ref=case.pk, owner_id=made.users["coordinator"].pk)
    assert words not in waiting(made, "coordinator")


def test_it_costs_the_same_for_many(made: World) -> None:
    reader, counted = made.actor("coordinator"), []
    leave(made, "associate")
    for number in (1, 12):
        for one in range(number):
            owned(made, "associate" if one % 2 else "other_associate", f"{number}-{one}")
        with CaptureQueriesContext(connection) as caught:
            rows = found(reader)
            queries.tab_counts(reader, filters=LEFT)
        counted.append((len(rows), len(caught)))
    assert counted[0][0] == 1
    assert counted[1][0] == 13
    assert counted[0][1] == counted[1][1]


def test_the_count_looks_at_those_that_fall_due_first(made: World, monkeypatch: pytest.MonkeyPatch) -> None:
    soon, later = owned(made, "associate", "Soon"), owned(made, "associate", "Later")
    Case.objects.filter(pk=later.pk).update(next_due_at=timezone.now() + timedelta(days=9))
    Case.objects.filter(pk=soon.pk).update(next_due_at=timezone.now() - timedelta(days=9))
    leave(made, "associate")
    reader = made.actor("coordinator")
    assert left.count_left(reader) == 2
    assign(actor=reader, ref=soon.pk, owner_id=made.users["coordinator"].pk)
    assert left.count_left(reader) == 1
    monkeypatch.setattr(left, "LOOKED_AT", 1)
    left._counting.cache_clear()
    assert left.count_left(reader) == 0, "the first one is well cared for"
    left._counting.cache_clear()
