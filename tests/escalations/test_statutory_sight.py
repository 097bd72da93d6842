"""That the law waits for an answer is internal: whoever sees a case as a partner user has a case without these clocks."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from escalations import actions, queries
from escalations.choices.statutory import Duty
from escalations.models import Case
from escalations.queries.statutory import counted_terms, owed, standings_of
from portal.accounts.choices import Role
from portal.accounts.models import Membership
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM, Actor
from portal.notifications import queries as inbox
from portal.notifications import tasks
from portal.notifications.models import Notification, OutboxRow
from sla import queries as clocks
from sla.actions.ticking import tick
from sla.models import Clock
from tests.escalations.pages_world import World, world
from tests.factories.accounts import MembershipFactory
from tests.factories.api import Program
from tests.factories.channels import listener
from tests.factories.statutory import FINAL, jurisdiction_with
from tests.factories.webhooks import WebhookTargetFactory
from tests.my_day import my_day

pytestmark = pytest.mark.django_db
OUTSIDE = ("lead", "qa", "agent")


@pytest.fixture
def made() -> World:
    return world()


@pytest.fixture
def case(made: World) -> Case:
    """An agent's case, watched by the partner's people; its first answer by law is overdue, its other promises are not."""
    found = made.case(by="agent")
    for who in ("lead", "associate"):
        actions.watch(actor=made.actor(who), ref=found.pk)
    regulated(found)
    return Case.objects.get(pk=found.pk)


def regulated(case: Case, **terms: int) -> None:
    received = timezone.now() - timedelta(days=4)
    law = jurisdiction_with(**(terms or {"ack": 1, "final": 56}))
    actions.regulate(actor=SYSTEM, ref=case.pk, jurisdiction_id=law.pk, received_at=received)


def plain_due(case: Case) -> datetime:
    """When the first of the other promises is due."""
    views = clocks.clocks_of("case", [case.pk])[case.pk]
    return min(view.due_at for view in views if view.state == "running" and view.metric not in Duty.values)


def url(name: str, *args: object) -> str:
    return reverse(f"escalations:{name}", args=args)


def test_no_page_says_so_to_partner_users(made: World, case: Case) -> None:
    pages = (url("case", case.ref), url("queue"), url("queue-rows"), f"{url('queue')}?tab=breached")
    for who in OUTSIDE:
        client = made.client(who)
        for page in pages:
            assert "by law" not in client.get(page).text, (who, page)
        assert "by law" not in my_day(client)
        for view in owed(case.pk):
            assert client.get(reverse("sla:clock", args=[view.id])).status_code == 404, who
        first = clocks.by_metric(clocks.clocks_of("case", [case.pk])[case.pk])["first_response"]
        assert client.get(reverse("sla:clock", args=[first.id])).status_code == 200, who
    inside = made.client("associate")
    assert all("by law" in inside.get(page).text for page in pages[:2])
    assert all(inside.get(reverse("sla:clock", args=[view.id])).status_code == 200 for view in owed(case.pk))


def test_order_counts_and_due_times_are_those_of_the_other_promises(made: World, case: Case) -> None:
    assert case.next_due_at is not None
    other = made.case("Earlier of two", by="agent")
    Case.objects.filter(pk=other.pk).update(next_due_at=plain_due(case) - timedelta(minutes=1))
    for who, order, breached in (
        ("associate", [case, other], 1),
        ("lead", [other, case], 0),
        ("agent", [other, case], 0),
    ):
        reader = made.actor(who)
        page = queries.queue_rows(reader)
        assert [row.case.pk for row in page.items] == [one.pk for one in order], who
        assert queries.tab_counts(reader)["breached"] == len(queries.queue_rows(reader, tab="breached")) == breached
        texts = queries.QueueFilters(q="locked")
        assert queries.tab_counts(reader, filters=texts)["breached"] == breached
        first = queries.queue_rows(reader, size=1)
        [last] = queries.queue_rows(reader, size=1, cursor=first.next_cursor).items
        assert last.case.pk == order[1].pk
        [row] = [row for row in page.items if row.case.pk == case.pk]
        assert row.clock is not None
        assert row.case.next_due_at == row.clock.due_at == (case.next_due_at if who == "associate" else plain_due(case))
    soon = timezone.now() + timedelta(hours=1)
    Clock.objects.filter(subject_kind="case", subject_id=case.pk, metric="first_response").update(due_at=soon)
    for who, due_soon in (("associate", []), ("lead", [case.pk])):
        found = [row.case.pk for row in queries.queue_rows(made.actor(who), tab="due_soon") if row.case.pk == case.pk]
        assert found == due_soon, who


def test_a_case_that_only_the_law_waits_for_is_not_due(made: World, case: Case) -> None:
    who = made.actor("associate")
    actions.log_contact(actor=who, ref=case.pk, channel="phone", direction="out", outcome="reached", text="Hello")
    for verb in ("start", "wait_customer"):
        actions.set_state(actor=who, ref=case.pk, verb=verb)
    [row] = queries.queue_rows(made.actor("lead"))
    assert (row.case.next_due_at, row.clock and row.clock.metric) == (None, "resolution")
    assert Program(made.users["lead"]).get(f"/cases/{case.ref}").json()["next_due_at"] is None
    actions.set_state(actor=who, ref=case.pk, verb="resolve", reason="Settled")
    assert Case.objects.get(pk=case.pk).next_due_at is not None
    assert Program(made.users["lead"]).get(f"/cases/{case.ref}").json()["next_due_at"] is None


def test_the_api_and_the_export_say_nothing_of_it(made: World, case: Case) -> None:
    due = plain_due(case)
    # The API tells milliseconds; in working hours a promise is due at any of its microseconds.
    due = due.replace(microsecond=due.microsecond // 1000 * 1000)
    for who in OUTSIDE[:2]:
        program = Program(made.users[who])
        found = program.get(f"/cases/{case.ref}/clocks").json()["items"]
        assert {one["metric"] for one in found} == {"first_response", "resolution"}
        [row] = program.get("/cases").json()["items"]
        for shown in (row, program.get(f"/cases/{case.ref}").json()):
            assert datetime.fromisoformat(shown["next_due_at"]) == due, who
        text = b"".join(made.client(who).get(url("queue-export"))).decode()
        assert f"{timezone.localtime(due):%Y-%m-%d}" in text or f"{due:%Y-%m-%d}" in text
        assert case.next_due_at is not None
        assert f"{case.next_due_at:%Y-%m-%d}" not in text


def test_a_level_that_the_law_may_have_raised_is_internal(made: World, case: Case) -> None:
    """Overdue by days, so that the worker raises it; nobody raises the other."""
    other = made.case("Raised by hand", by="agent")
    actions.escalate(actor=made.actor("associate"), ref=other.pk, reason="Waits too long")
    before = {who: queries.queue_version(made.actor(who)) for who in ("associate", "lead")}
    tick()
    assert Case.objects.get(pk=case.pk).escalation_level == 2
    for who, level in (("associate", 2), ("lead", 0), ("agent", 0)):
        lines = {row.case.pk: row.case.escalation_level for row in queries.queue_rows(made.actor(who))}
        assert lines == {case.pk: level, other.pk: 1}, who
        client = made.client(who)
        pages = [client.get(page).text for page in (url("case", case.ref), url("queue"))]
        assert ["Level 2" in page for page in pages] == [bool(level)] * 2, who
        assert "Level 1" in client.get(url("case", other.ref)).text
    for who, level in (("associate", 2), ("lead", 0)):
        assert Program(made.users[who]).get(f"/cases/{case.ref}").json()["escalation_level"] == level
    after = {who: queries.queue_version(made.actor(who)) for who in before}
    assert [before[who] == after[who] for who in ("associate", "lead")] == [False, True]


def told_of(kind: str) -> dict[int, str]:
    return dict(Notification.objects.filter(kind=kind).values_list("recipient", "params__metric"))


def test_who_watches_as_a_partner_user_hears_of_the_other_promises_alone(made: World, case: Case) -> None:
    tick()
    tasks.fan_out()
    told = told_of("case.clock_breached")
    assert told[made.users["associate"].pk] == "statutory_ack"
    assert made.users["lead"].pk not in told
    assert inbox.shown(made.actor("associate"), list(inbox.inbox_of(made.actor("associate"))))
    Membership.objects.filter(user=made.users["associate"]).delete()
    MembershipFactory(user=made.users["associate"], role=Role.PARTNER_QA, site=made.site)
    someone = actor_for(made.users["associate"])
    assert case in queries.visible_to(someone)
    assert not [
        one for one in inbox.shown(someone, list(inbox.inbox_of(someone))) if one.params.get("metric") in Duty.values
    ]


def test_somebody_who_sees_some_inside_and_some_as_a_partner_user(made: World, case: Case) -> None:
    """They coordinate one site and are the partner's quality at the other."""
    elsewhere = made.case("Mine", site_id=made.other_site.pk)
    regulated(elsewhere)
    MembershipFactory(user=made.users["qa"], role=Role.COORDINATOR, site=made.other_site)
    someone, program = made.actor("qa"), Program(made.users["qa"])
    rows = {row.case.pk: row for row in queries.queue_rows(someone)}
    assert [rows[pk].clock and rows[pk].clock.metric for pk in (elsewhere.pk, case.pk)] == [
        "statutory_ack",
        "first_response",
    ]
    assert list(rows) == [elsewhere.pk, case.pk]
    assert queries.tab_counts(someone)["breached"] == 1
    for one, known in ((elsewhere, True), (case, False)):
        found = {row["metric"] for row in program.get(f"/cases/{one.ref}/clocks").json()["items"]}
        assert (FINAL in found) is known
        for view in owed(one.pk):
            answer = made.client("qa").get(reverse("sla:clock", args=[view.id]))
            assert answer.status_code == (200 if known else 404)


def test_other_systems_hear_nothing_of_it(made: World) -> None:
    listener(WebhookTargetFactory().pk, made.service)
    case = made.case()
    regulated(case)
    tick()
    sent = [row.payload for row in OutboxRow.objects.filter(topic="case_event")]
    assert {one["data"]["metric"] for one in sent if "metric" in one["data"]} == {"first_response", "resolution"}
    assert "statutory" not in str(sent)


def test_the_law_of_a_merged_complaint_is_for_those_who_see_that_case(made: World) -> None:
    hidden, case = made.case("Hidden"), made.case("Goes on")
    regulated(hidden, final=20)
    actions.merge(actor=SYSTEM, source=hidden.pk, target=case.pk, reason="Same matter")
    actions.set_sensitivity(actor=SYSTEM, ref=hidden.pk, sensitivity="restricted")
    [view] = owed(case.pk)
    someone = made.actor("associate")
    assert counted_terms(SYSTEM, case.pk, view.id)
    assert counted_terms(someone, case.pk, view.id) == []
    assert [(one.clock.id, one.deadline) for one in standings_of(someone, case)] == [(view.id, None)]
    law = jurisdiction_of(hidden)
    client = made.client("associate")
    for page in (reverse("sla:clock", args=[view.id]), url("case-deadlines", case.ref)):
        answer = client.get(page)
        assert answer.status_code == 200
        assert law not in answer.text
        assert "Complaints Act" not in answer.text


def jurisdiction_of(case: Case) -> str:
    name: str = case.regulations.get().jurisdiction.name
    return name


def test_the_queue_of_partner_users_asks_as_often_however_many_cases(made: World, case: Case) -> None:
    MembershipFactory(user=made.users["qa"], role=Role.COORDINATOR, site=made.other_site)
    readers: dict[str, Actor] = {who: made.actor(who) for who in ("lead", "qa")}

    def cost(reader: Actor) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert queries.queue_rows(reader).items
            queries.tab_counts(reader)
        return len(asked)

    before = {who: cost(reader) for who, reader in readers.items()}
    for _ in range(5):
        regulated(made.case(by="agent"))
    assert {who: cost(reader) for who, reader in readers.items()} == before
    assert before["lead"] <= 5
    assert before["qa"] <= 12
