"""Who is told what, as things stand when the message is handed round."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone, translation

from escalations.actions import assign, break_glass, escalate, grant_access, in_silence, set_sensitivity, watch
from escalations.models import Case, Service
from partners.models import Site
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM
from portal.notifications import queries as inbox
from portal.notifications import tasks
from portal.notifications.models import Notification, OutboxRow
from sla.actions.ticking import tick
from tests.factories.escalations import CaseFactory, actor, coordinator, hold, open_policy, person

pytestmark = pytest.mark.django_db


def handed_round() -> dict[str, set[str]]:
    """Names told, by kind."""
    tasks.fan_out()
    found: dict[str, set[str]] = {}
    for row in Notification.objects.select_related("recipient"):
        found.setdefault(row.kind, set()).add(row.recipient.name)
    return found


def titles(user: User) -> list[str]:
    actor_ = actor_for(user)
    return [item.title for item in inbox.items(inbox.shown(actor_, list(inbox.inbox_of(actor_).order_by("pk"))))]


def named(role: str, name: str, **scope: object) -> User:
    user = person(role, **scope)
    user.name = name
    user.save()
    return user


@pytest.fixture
def circle(service: Service, site: Site) -> dict[str, User]:
    """Everybody around a case, and some who are not."""
    return {
        "owner": named("associate", "owner", service=service),
        "colleague": named("associate", "colleague", service=service),
        "lead": named("associate", "lead", service=service, is_lead=True),
        "coordinator": named("coordinator", "coordinator", site=site),
        "manager": named("partner_manager", "manager", partner=site.partner),
        "partner lead": named("partner_lead", "partner lead", site=site),
    }


def breaching(service: Service, site: Site, **more: object) -> Case:
    """A case opened three hours ago, an hour of which was for the first response."""
    with in_silence():
        return CaseFactory(service=service, site=site, at=timezone.now() - timedelta(hours=3), **more)


def test_warnings_breaches_and_levels_reach_whom_they_concern(
    service: Service, site: Site, circle: dict[str, User]
) -> None:
    open_policy(targets={"first_response": 60}, levels=((30, ("coordinator",)), (60, ("manager", "owner"))))
    case = breaching(service, site, owner=circle["owner"].pk)
    watch(actor=actor_for(circle["partner lead"]), ref=case.ref)
    tick()
    assert handed_round() == {
        "case.clock_warned": {"owner"},
        "case.clock_breached": {"owner", "lead", "partner lead"},
        "case.clock_escalated": {"coordinator", "manager", "owner"},
    }
    assert titles(circle["coordinator"]) == [f"{case.ref}: first response breached, escalation level 1"]
    assert f"{case.ref}: first response breached" in titles(circle["owner"])


def test_without_an_owner_those_hear_who_could_find_one(service: Service, site: Site, circle: dict[str, User]) -> None:
    open_policy(targets={"first_response": 60}, levels=())
    breaching(service, site)
    tick()
    assert handed_round() == {
        "case.clock_warned": {"lead", "coordinator"},
        "case.clock_breached": {"lead", "coordinator"},
    }


def test_many_breaches_are_one_line(service: Service, site: Site, circle: dict[str, User]) -> None:
    open_policy(targets={"first_response": 60}, levels=(), warn=())
    for _ in range(12):
        breaching(service, site, owner=circle["owner"].pk)
    tick(batch=5)
    handed_round()
    assert titles(circle["owner"]) == ["12 clocks breached"]
    with translation.override("en"):
        assert Notification.objects.get(recipient=circle["owner"]).url.endswith("?tab=breached")


def test_who_may_not_see_the_case_hears_nothing_even_if_they_could_before(
    service: Service, site: Site, circle: dict[str, User]
) -> None:
    open_policy(targets={"first_response": 60}, levels=((30, ("coordinator", "manager", "service_lead")),))
    case = breaching(service, site, owner=circle["owner"].pk)
    watch(actor=actor_for(circle["partner lead"]), ref=case.ref)
    tick()
    set_sensitivity(actor=SYSTEM, ref=case.ref, sensitivity="restricted")
    assert {name for names in handed_round().values() for name in names} == {"owner"}


def test_lines_about_a_case_that_went_out_of_sight_disappear(
    service: Service, site: Site, circle: dict[str, User]
) -> None:
    open_policy(targets={"first_response": 60}, levels=(), warn=())
    case = breaching(service, site)
    tick()
    handed_round()
    assert titles(circle["coordinator"]) == [f"{case.ref}: first response breached"]
    set_sensitivity(actor=SYSTEM, ref=case.ref, sensitivity="confidential")
    assert titles(circle["coordinator"]) == []
    assert titles(circle["lead"]) == [f"{case.ref}: first response breached"]


def test_the_new_owner_is_told_if_it_is_still_they(service: Service, site: Site, circle: dict[str, User]) -> None:
    boss = actor_for(circle["coordinator"])
    kept, moved = CaseFactory(service=service, site=site), CaseFactory(service=service, site=site)
    assign(actor=boss, ref=kept.ref, owner_id=circle["owner"].pk)
    assign(actor=boss, ref=moved.ref, owner_id=circle["owner"].pk)
    assign(actor=boss, ref=moved.ref, owner_id=boss.user_id)
    assert handed_round() == {"case.assigned": {"owner"}}
    assert titles(circle["owner"]) == [f"{kept.ref} was assigned to you"]


def test_escalating_by_hand_reaches_the_level_of_the_policy(
    service: Service, site: Site, circle: dict[str, User]
) -> None:
    open_policy(levels=((30, ("owner",)), (60, ("manager",))))
    case = CaseFactory(service=service, site=site, owner=circle["owner"].pk)
    for _ in range(2):
        escalate(actor=actor_for(circle["coordinator"]), ref=case.ref, reason="Stuck")
    assert handed_round() == {"case.escalated": {"owner", "manager"}}
    assert titles(circle["manager"]) == [f"{case.ref} was escalated to level 2"]


def test_breaking_the_glass_alarms_owner_and_leads_at_once(
    service: Service, site: Site, circle: dict[str, User]
) -> None:
    case = CaseFactory(service=service, site=site, owner=circle["owner"].pk, sensitivity="restricted")
    hold(case, actor_for(circle["owner"]))
    break_glass(actor=actor_for(circle["colleague"]), ref=case.ref, reason="Police")
    assert handed_round() == {"case.break_glass": {"owner", "lead"}}
    assert set(Notification.objects.values_list("urgent", flat=True)) == {True}
    assert titles(circle["lead"]) == [f"{case.ref}: somebody broke the glass"]


def test_whoever_is_let_in_is_told(service: Service, site: Site, circle: dict[str, User]) -> None:
    case = CaseFactory(service=service, site=site, sensitivity="restricted")
    grant_access(actor=actor_for(circle["lead"]), ref=case.ref, user_id=circle["coordinator"].pk)
    assert handed_round() == {"case.grant": {"coordinator"}}


def test_s1_is_urgent(service: Service, site: Site, circle: dict[str, User]) -> None:
    boss = coordinator(site)
    for severity, urgent in ((1, True), (2, False)):
        case = CaseFactory(service=service, site=site, severity=severity)
        assign(actor=boss, ref=case.ref, owner_id=circle["owner"].pk)
        handed_round()
        assert Notification.objects.latest("pk").urgent is urgent


def test_history_is_built_in_silence(service: Service, site: Site, circle: dict[str, User]) -> None:
    open_policy(targets={"first_response": 60})
    past = datetime(2026, 1, 5, 9, tzinfo=UTC)
    with in_silence():
        case = CaseFactory(service=service, site=site, at=past)
        assign(actor=SYSTEM, ref=case.ref, owner_id=circle["owner"].pk, at=past + timedelta(minutes=90))
        from escalations.actions import log_contact

        log_contact(
            actor=SYSTEM, ref=case.ref, channel="phone", direction="out", outcome="reached", text="",
            at=past + timedelta(minutes=100),
        )  # fmt: skip
    assert not OutboxRow.objects.exists()
    assert list(case.entries.filter(kind="clock").values_list("code", flat=True)) == [
        "clock.warned",
        "clock.breached",
        "clock.escalated",
    ]
    assert not Notification.objects.exists()
    assert actor("auditor") is not None
