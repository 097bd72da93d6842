"""The readiness board: who begins, what is missing, who has it, reminders; and who sees none of it."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from access_requests.actions import Line, claim, dispatch, raise_request, verify_by_lead
from access_requests.models import RequestItem, System
from access_requests.queries.readiness import agents_starting
from partners.models import Person, Placement
from portal.accounts.models import User
from portal.notifications.models import Notification
from tests.access_requests.readiness_world import Wave, text_of, wave
from tests.factories.partners import JobRoleFactory, days

pytestmark = pytest.mark.django_db
URL = "/access/readiness/"


@pytest.fixture
def made() -> Wave:
    return wave()


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def ask(made: Wave, person: Person) -> RequestItem:
    lines = [Line(person.pk, made.desk.pk, bundle_version_id=made.bundle.current_id)]
    shift = timezone.now() + timedelta(days=3)
    request = raise_request(
        actor=made.actor("lead"), kind="joiner", site_id=made.site.pk, lines=lines, first_shift_at=shift
    )
    return request.items.get()


def test_an_agent_turns_green_step_by_step(made: Wave) -> None:
    zhou = made.joiner("Zhou Ting")
    made.give(zhou, made.phone)
    page = words(text_of(made.client("lead"), URL))
    assert "Case desk: not requested yet" in page
    assert "0 of 1 ready" in page
    item = ask(made, zhou)
    assert "Case desk: approved, goes out to" in words(text_of(made.client("lead"), URL))
    dispatch()
    assert f"Case desk: with {made.desk.system.group.label} since" in words(text_of(made.client("lead"), URL))
    claim(actor=made.actor("it"), item_ids=[item.pk])
    page = words(text_of(made.client("lead"), URL))
    assert "the lead of the site has to confirm it" in page
    assert "50%" in page
    verify_by_lead(actor=made.actor("lead"), item_ids=[item.pk])
    page = words(text_of(made.client("lead"), URL))
    assert "1 of 1 ready" in page
    assert "100%" in page


def test_who_has_begun_and_is_ready_is_gone_and_who_is_not_costs_hours(made: Wave) -> None:
    ready, waiting = made.joiner("Fan Rui", -3), made.joiner("Deng Wei", -3)
    made.joiner("Long Ago", -30)
    made.joiner("Next Month", 30)
    made.give(ready, made.desk, made.phone)
    made.give(waiting, made.desk)
    page = text_of(made.client("coordinator"), URL)
    assert ("Deng Wei" in page, "Fan Rui" in page, "Long Ago" in page, "Next Month" in page) == (
        True,
        False,
        False,
        False,
    )
    first = timezone.now().date() + timedelta(days=29)
    asked = text_of(
        made.client("coordinator"), URL, **{"from": first.isoformat(), "to": first.replace(day=28).isoformat()}
    )
    assert asked.startswith(("200", "400"))
    later = text_of(
        made.client("coordinator"), URL, **{"from": (first).isoformat(), "to": (first + timedelta(days=5)).isoformat()}
    )
    assert "Next Month" in later


def test_groups_filters_and_print(made: Wave) -> None:
    first, second = made.joiner("Zhou Ting", 1), made.joiner("Ma Chao", 4)
    made.give(first, made.desk, made.phone)
    lead = made.client("lead")
    tomorrow = timezone.now().date() + timedelta(days=1)
    page = words(text_of(lead, URL))
    assert page.index("Zhou Ting") < page.index("Ma Chao")
    assert date_format(tomorrow, "D j M", use_l10n=False) in page
    assert "Ma Chao" not in text_of(lead, URL, course="0").split("<tbody>", 1)[1]
    assert "Zhou Ting" not in text_of(lead, URL, blocker="not_requested").split("<tbody>", 1)[1]
    assert "Not requested yet" in words(text_of(lead, URL, by="blocker").split("<tbody>", 1)[1])
    assert "No team" in text_of(lead, URL, by="team")
    printed = words(text_of(lead, URL, print="1"))
    assert "Ma Chao" in printed
    assert "Telephone: not requested yet" in printed or "Case desk: not requested yet" in printed
    assert second.pk


def test_who_moves_is_at_work_already_and_is_not_counted(made: Wave) -> None:
    mover, joiner = made.joiner("Old Hand", -100), made.joiner("Zhou Ting", -4)
    for person, starts_in in ((mover, 1), (joiner, -1)):
        placement = Placement.objects.get(person=person)
        day = timezone.now().date() + timedelta(days=starts_in)
        placement.period = days(placement.first_day, day - timedelta(days=1))
        placement.save()
        Placement.objects.create(person=person, site=made.site, job_role=JobRoleFactory.create(), period=days(day))
        lines = [Line(person.pk, made.desk.pk, bundle_version_id=made.bundle.current_id)]
        at = timezone.now() + timedelta(days=1)
        raise_request(actor=made.actor("lead"), kind="mover", site_id=made.site.pk, lines=lines, first_shift_at=at)
    page = words(text_of(made.client("lead"), URL))
    assert "Old Hand" not in page
    assert "1 joiner in this period" in page
    # Who has begun and moves on has still begun on the first day.
    [agent] = agents_starting(
        [made.site], *(timezone.now().date() + timedelta(days=n) for n in (-14, 7)), timezone.now()
    )
    assert agent.first_shift_at < timezone.now() - timedelta(days=3)


def test_asking_from_the_board_names_the_person(made: Wave) -> None:
    zhou = made.joiner("Zhou Ting")
    lead = made.client("lead")
    found = re.search(r'href="([^"]*/requests/new/[?][^"]*person=[^"]*)"', text_of(lead, URL))
    assert found is not None
    form = lead.get(found[1].replace("&amp;", "&")).context["form"]
    sent = {"kind": form["kind"].value(), "site": form["site"].value(), "person": form["person"].value()}
    page = lead.post(reverse("access:request-new"), sent, follow=True)
    assert page.redirect_chain
    assert zhou.name in words(page.content.decode())


def test_a_reminder_reaches_who_has_it_once_a_day(made: Wave) -> None:
    zhou = made.joiner("Zhou Ting")
    made.give(zhou, made.phone)
    System.objects.filter(pk=made.desk.system_id).update(name_zh="工单台")
    item = ask(made, zhou)
    dispatch()
    lead = made.client("lead")
    assert reverse("access:nudge", args=[item.pk]) in text_of(lead, URL)
    page = lead.post(reverse("access:nudge", args=[item.pk]), {"next": f"{URL}?by=team"}, follow=True)
    assert page.redirect_chain == [(f"{URL}?by=team", 302)]
    assert "1 person reminded" in page.content.decode()
    assert "Reminded today" in page.content.decode()
    again = lead.post(reverse("access:nudge", args=[item.pk]), {"next": "//evil.example/"}, follow=True)
    assert again.redirect_chain == [(URL, 302)]
    assert "Somebody has sent a reminder today" in again.content.decode()
    told = Notification.objects.filter(kind="access.nudge")
    assert [one.recipient_id for one in told] == [made.users["it"].pk]
    assert "Zhou Ting waits for Case desk" in text_of(made.client("it"), "/inbox/")
    User.objects.filter(pk=made.users["it"].pk).update(language="zh-hans")
    assert "工单台" in text_of(made.client("it"), "/inbox/")


def test_who_may_remind(made: Wave) -> None:
    item = ask(made, made.joiner("Zhou Ting"))
    dispatch()
    url = reverse("access:nudge", args=[item.pk])
    statuses = {who: made.client(who).post(url).status_code for who in made.users}
    assert statuses == {
        "administrator": 403, "coordinator": 302, "manager": 302, "lead": 302, "qa": 404, "agent": 404, "it": 404,
        "auditor": 403, "foreign_lead": 404, "foreign_coordinator": 404,
    }  # fmt: skip


def test_strangers_see_nobody_and_several_sites_are_shown_in_figures(made: Wave) -> None:
    made.joiner("Zhou Ting", 1)
    for who in ("foreign_lead", "foreign_coordinator"):
        for data in ({}, {"site": made.site.code}, {"print": "1"}):
            page = text_of(made.client(who), URL, **data)
            assert not {one for one in ("Zhou Ting", "Chengdu") if one in page}, (who, data)
    for who in ("qa", "agent", "it"):
        assert made.client(who).get(URL).status_code == 404
    page = words(text_of(made.client("auditor"), URL))
    assert "Chengdu" in page
    assert "Dalian" in page
    assert "Zhou Ting" not in page
    board = text_of(made.client("auditor"), URL, site=made.site.code)
    assert "Zhou Ting" in board
    assert "New request" not in board


def test_the_number_of_queries_does_not_grow_with_the_wave(made: Wave) -> None:
    counts = []
    client = made.client("lead")
    for start in (0, 5):
        for number in range(start, start + 3):
            ask(made, made.joiner(f"Agent {number}", number))
        dispatch()
        client.get(URL)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(URL).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[0] <= 30


@pytest.mark.parametrize(
    "data",
    [
        {"site": "\0"}, {"site": "NOPE"}, {"from": "9999-99-99"}, {"from": "9999-12-31"}, {"from": "0001-01-01"}, {"to": "x"},
        {"team": "x"}, {"team": "9" * 40}, {"blocker": "x"}, {"course": "9"}, {"by": "x"},
        {"from": "2026-05-01", "to": "2026-04-01"}, {"from": "2026-01-01", "to": "2026-12-01"},
    ],
)  # fmt: skip
def test_bad_input_gets_a_message(made: Wave, data: dict[str, str]) -> None:
    assert text_of(made.client("lead"), URL, **data).startswith("400")
