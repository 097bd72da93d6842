"""The configuration screens, and the explanation of a clock."""

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.accounts.rules import SYSTEM
from sla import actions
from sla.actions.recomputing import run_pending
from sla.models import Calendar, CalendarVersion, Clock, Policy, PolicyVersion, Recompute
from tests.factories.accounts import PlaceServiceFactory, administrator, somebody
from tests.factories.sla import CalendarFactory, PolicyFactory
from tests.sla.subjects import Memory, remembered

pytestmark = pytest.mark.django_db


@pytest.fixture
def memory() -> Iterator[Memory]:
    with remembered() as found:
        yield found


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def admin() -> Client:
    return client_of(administrator())


def lead_of(service: object) -> Client:
    return client_of(somebody(Role.ASSOCIATE, service=service, is_lead=True))


def words(response: object) -> str:
    text = html.unescape(strip_tags(response.content.decode().replace("<", " <")))  # type: ignore[attr-defined]
    return re.sub(r"\s+([,.:;])(?=\s)", r"\1", re.sub(r"\s+", " ", text))


def calendar_data(**changes: str) -> dict[str, str]:
    week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-17:00")
    return {"name": "Shanghai", "time_zone": "Asia/Shanghai", "country": "CN", "do": "save", **week, **changes}


def policy_data(calendar: Calendar, **changes: object) -> dict[str, object]:
    return {
        "name": "Fast",
        "position": 1,
        "minutes-resolution": 60,
        "calendar-resolution": calendar.pk,
        "warn-resolution": "50, 75",
        "pause-resolution": ["waiting"],
        "after-1": 30,
        "who-1": ["owner", "service_lead"],
        "do": "save",
        **changes,
    }


def test_a_calendar_is_made_and_shown_with_its_year(memory: Memory, admin: Client) -> None:
    response = admin.post(
        reverse("sla:calendar-new"), calendar_data(name_zh="上海", exceptions="2026-12-24 09:00-12:00")
    )
    made = Calendar.objects.get()
    assert response["Location"] == reverse("sla:calendar", args=[made.pk])
    page = words(admin.get(reverse("sla:calendar", args=[made.pk]), {"year": "2026"}))
    assert "Monday 09:00–17:00" in page
    assert "Sat 10 Oct Working day Working day that makes up for a holiday" in page
    assert "Thu 1 Oct – Wed 7 Oct Holiday National Day" in page
    assert "Thu 24 Dec Own date Own date 09:00–12:00" in page
    assert "February 16 128" in page, "fourteen weekdays that are not holidays, two Saturdays that make up"
    assert "Shanghai" in words(admin.get(reverse("sla:calendars")))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"mon": "9-17"}, "Write hours like 09:00-17:00"),
        ({"mon": "25:00-26:00"}, "Write hours like 09:00-17:00"),
        (dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ""), "This calendar never opens"),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice"),
        ({"country": "XX"}, "Select a valid choice"),
        ({"subdivision": "ZZ"}, "Leave it empty"),
        ({"country": "MY", "subdivision": "ZZ"}, "Choose one of 01, 02"),
        ({"exceptions": "tomorrow closed"}, "Line 1: write a date like 2026-12-24"),
        ({"exceptions": "2026-12-24 closed\n2026-12-24 closed"}, "Line 2: this date is there twice"),
        ({"exceptions": "2026-12-24 9 to 5"}, "Line 1: Write hours like"),
        ({"name": ""}, "This field is required"),
        ({"name": "\0"}, "Null characters are not allowed"),
        ({"name": "office"}, "Another calendar has this name"),
    ],
)
def test_a_calendar_that_cannot_be(memory: Memory, admin: Client, changes: dict[str, str], said: str) -> None:
    CalendarFactory(name="Office")
    response = admin.post(reverse("sla:calendar-new"), calendar_data(**changes))
    assert (response.status_code, Calendar.objects.count()) == (422, 1)
    assert said in words(response)


def test_a_change_of_hours_is_tried_then_saved_then_worked_off(memory: Memory, admin: Client) -> None:
    calendar = CalendarFactory(name="Office")
    PolicyFactory(subject_kind="thing", calendar=calendar, targets={"resolution": 480})
    Recompute.objects.all().delete()
    start = datetime(2027, 11, 18, 9, tzinfo=UTC)
    for pk in (1, 2):
        actions.start(
            actor=SYSTEM, subject_kind="thing", subject_id=pk, dimensions={}, metrics=["resolution"], at=start
        )
    url = reverse("sla:calendar-edit", args=[calendar.pk])
    shorter = calendar_data(name="Office", time_zone="UTC", country="", thu="09:00-12:00", expected="1")
    page = words(admin.post(url, {**shorter, "do": "preview"}))
    assert "Nothing is saved yet. 2 open clocks looked at: 2 move, none breaches, 0 are cancelled." in page
    assert CalendarVersion.objects.count() == 1
    assert admin.post(url, shorter).status_code == 302
    assert CalendarVersion.objects.filter(calendar=calendar).count() == 2
    assert run_pending() == 2
    assert {clock.due_at for clock in Clock.objects.all()} == {datetime(2027, 11, 19, 14, tzinfo=UTC)}
    assert [job.moved for job in Recompute.objects.all()] == [2]
    late = admin.post(url, {**shorter, "thu": "09:00-13:00"})
    assert late.status_code == 409
    assert "Somebody changed this calendar a moment ago" in words(late)
    assert "Version 2" in words(admin.get(reverse("sla:calendar", args=[calendar.pk])))


def test_a_policy_is_made_tried_changed_and_archived(memory: Memory, admin: Client) -> None:
    slow = PolicyFactory(subject_kind="thing", name="Slow", targets={"resolution": 480})
    actions.start(
        actor=SYSTEM, subject_kind="thing", subject_id=1, dimensions={}, metrics=["resolution"],
        at=datetime(2026, 11, 19, 9, tzinfo=UTC),
    )  # fmt: skip
    calendar = CalendarFactory(name="Office")
    person = somebody(Role.ASSOCIATE, name="Mei Lin")
    url = reverse("sla:policy-new", args=["thing"])
    tried = admin.post(url, policy_data(calendar, do="preview"))
    assert "1 open clock looked at: 1 moves" in words(tried)
    made = admin.post(url, policy_data(calendar, **{"people-1": person.email.upper()}))
    fast = Policy.objects.get(name="Fast")
    assert made["Location"] == reverse("sla:policy", args=[fast.pk])
    assert [p.name for p in Policy.objects.order_by("position")] == ["Fast", "Slow"]
    page = words(admin.get(reverse("sla:policy", args=[fast.pk])))
    assert "Level 1, 30m of business time after the breach: Owner, Service lead, Mei Lin" in page
    assert "Resolution 1h Office 50%, 75%" in page
    run_pending()
    assert Clock.objects.get().target_seconds == 3600
    edit = reverse("sla:policy-edit", args=[fast.pk])
    assert 'value="1h"' in admin.get(edit).content.decode()
    admin.post(edit, policy_data(calendar, expected=1, **{"minutes-resolution": "1h 30m", "match-severity": ["1"]}))
    assert PolicyVersion.objects.filter(policy=fast).count() == 2
    run_pending()
    assert Clock.objects.get().policy_version.policy == slow, "it asks for severity 1 now"
    admin.post(reverse("sla:policy-archive", args=[fast.pk]), {"archived": "1"})
    assert "Archived" in words(admin.get(reverse("sla:policies")))
    assert admin.post(edit, policy_data(calendar, expected=1)).status_code == 409


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"minutes-resolution": ""}, "Give at least one target"),
        ({"minutes-resolution": "0m"}, "Choose between 1m and 3660d"),
        ({"minutes-resolution": "99999999999999999999"}, "Choose between 1m and"),
        ({"minutes-resolution": "soon"}, "like 90m, 4h or 2d"),
        ({"calendar-resolution": ""}, "Choose the calendar"),
        ({"calendar-resolution": "nonsense"}, "Select a valid choice"),
        ({"warn-resolution": "0, 120"}, "whole percents from 1 to 99"),
        ({"pause-resolution": ["no_such_state"]}, "Select a valid choice"),
        ({"who-1": []}, "Say who hears of it"),
        ({"after-1": ""}, "Say how long after the breach"),
        ({"after-2": "10", "who-2": ["owner"]}, "no earlier than the one before"),
        ({"people-1": "nobody@example.test"}, "Nobody here has the address"),
        ({"match-service": ["77"]}, "Select a valid choice"),
        ({"name": "slow"}, "Another policy has this name"),
    ],
)
def test_a_policy_that_cannot_be(memory: Memory, admin: Client, changes: dict[str, object], said: str) -> None:
    PolicyFactory(subject_kind="thing", name="Slow")
    response = admin.post(reverse("sla:policy-new", args=["thing"]), policy_data(Calendar.objects.get(), **changes))
    assert (response.status_code, Policy.objects.count()) == (422, 1)
    assert said in words(response)


def test_a_service_lead_edits_the_policies_of_the_service_only(memory: Memory) -> None:
    service = PlaceServiceFactory(pk=1)
    mine = PolicyFactory(subject_kind="thing", match={"service": ["1"]})
    both = PolicyFactory(subject_kind="thing", match={"service": ["1", "2"]})
    everyones = PolicyFactory(subject_kind="thing")
    lead, calendar = lead_of(service), Calendar.objects.first()
    assert calendar is not None
    codes = [lead.get(reverse("sla:policy-edit", args=[p.pk])).status_code for p in (mine, both, everyones)]
    assert codes == [200, 403, 403]
    page = lead.get(reverse("sla:policies")).content.decode()
    assert reverse("sla:policy-edit", args=[mine.pk]) in page
    assert reverse("sla:policy-edit", args=[both.pk]) not in page
    taken = lead.post(
        reverse("sla:policy-edit", args=[mine.pk]), policy_data(calendar, expected=1, **{"match-service": ["2"]})
    )
    assert "Choose at least one service of yours, and none of others." in words(taken)
    kept = lead.post(
        reverse("sla:policy-edit", args=[mine.pk]), policy_data(calendar, expected=1, **{"match-service": ["1"]})
    )
    assert kept.status_code == 302
    assert lead.post(reverse("sla:policy-archive", args=[both.pk]), {"archived": "1"}).status_code == 403
    assert lead.get(reverse("sla:calendar-edit", args=[calendar.pk])).status_code == 403
    assert lead.get(reverse("sla:calendar", args=[calendar.pk])).status_code == 200


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.PARTNER_LEAD, Role.AGENT, Role.ASSOCIATE])
def test_others_find_nothing(memory: Memory, role: str) -> None:
    policy = PolicyFactory(subject_kind="thing")
    calendar = Calendar.objects.get()
    client = client_of(somebody(role))
    for name, args in (
        ("calendars", []), ("calendar", [calendar.pk]), ("calendar-new", []), ("calendar-edit", [calendar.pk]),
        ("policies", []), ("policy", [policy.pk]), ("policy-new", ["thing"]), ("policy-edit", [policy.pk]),
    ):  # fmt: skip
        assert client.get(reverse(f"sla:{name}", args=args)).status_code == 404, name
    assert client.post(reverse("sla:policy-archive", args=[policy.pk]), {"archived": "1"}).status_code == 404


def test_an_auditor_reads_and_changes_nothing(memory: Memory) -> None:
    policy = PolicyFactory(subject_kind="thing", name="Slow")
    auditor = client_of(somebody(Role.AUDITOR))
    assert "Slow" in words(auditor.get(reverse("sla:policy", args=[policy.pk])))
    assert auditor.get(reverse("sla:policy-edit", args=[policy.pk])).status_code == 403
    assert auditor.get(reverse("sla:calendar-new")).status_code == 403


def test_a_clock_explains_itself_to_who_may_see_its_subject(memory: Memory) -> None:
    calendar = CalendarFactory(name="Shanghai", time_zone="Asia/Shanghai", country="CN")
    PolicyFactory(
        subject_kind="thing", name="Gold", calendar=calendar, targets={"resolution": 600}, match={"severity": ["1"]}
    )
    start = datetime(2026, 9, 30, 6, tzinfo=UTC)
    [clock] = actions.start(
        actor=SYSTEM, subject_kind="thing", subject_id=5, dimensions={"severity": "1"}, metrics=["resolution"], at=start
    )
    client = client_of(somebody(Role.COORDINATOR))
    url = reverse("sla:clock", args=[clock.pk])
    assert client.get(url).status_code == 404
    memory.visible.add(5)
    page = words(client.get(url))
    assert "TH-5: Resolution" in page
    assert "Policy Gold, version 1 Severity S1 Target 10h of business time Calendar Shanghai, version 1" in page
    assert "Wed 30 Sep, 14:00 Wed 30 Sep, 17:00 Open: counts 3h 00m 3h 00m" in page
    assert "Thu 1 Oct, 00:00 Thu 8 Oct, 00:00 Holiday: National Day – 3h 00m" in page
    assert "Will be breached" in page
    assert client.get(reverse("sla:clock", args=[10**30])).status_code == 404
    fragment = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert fragment.lstrip().startswith("<div")
    actions.meet(
        actor=SYSTEM, subject_kind="thing", subject_id=5, metric="resolution", at=clock.due_at + timedelta(minutes=55)
    )
    page = words(client.get(url))
    assert ("Met 55m late" in page, " over" in page) == (True, False), "it ticks no more"


def test_lists_cost_the_same_however_long_they_are(memory: Memory, admin: Client) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost(name: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert admin.get(reverse(name)).status_code == 200
        return len(asked)

    PolicyFactory(subject_kind="thing")
    before = [cost("sla:policies"), cost("sla:calendars")]
    PolicyFactory.create_batch(5, subject_kind="thing")
    assert [cost("sla:policies"), cost("sla:calendars")] == before


def test_odd_years_and_numbers_are_no_error(memory: Memory, admin: Client) -> None:
    calendar = CalendarFactory()
    url = reverse("sla:calendar", args=[calendar.pk])
    for year in ("9999", "-1", "²", "x", "99999999999999999999"):
        assert str(datetime.now(UTC).year) in words(admin.get(url, {"year": year}))
    assert admin.get(reverse("sla:calendar", args=[10**30])).status_code == 404
    assert admin.get(reverse("sla:policy-new", args=["nothing"])).status_code == 404
