"""What reviews keep reaches nobody else: no page, list, count, panel, search, file, notice, mail or calendar."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import Http404
from django.test import Client
from django.utils import timezone

from portal.accounts.queries import actor_for
from portal.notifications.models import DemoMail, OutboxRow
from portal.notifications.tasks import dispatch, send
from reviews.actions.calendar_feed import make_feed
from reviews.actions.running import hold, send_minutes
from reviews.choices import ActionState
from reviews.models import Action, Engagement
from tests.escalations.pages_world import HTMX
from tests.web.hidden import COMMON, Secrets
from tests.web.leaks.seeing import leaks, tells, text_of
from tests.web.leaks.test_inbox import told
from tests.web.world import ANONYMOUS

pytestmark = pytest.mark.django_db


def lists(found: Secrets) -> Iterator[str]:
    """Every list in which something of reviews may stand, narrowed in every way that people know."""
    world = found.made.world
    for tab in ("todo", "verify", "closed"):
        yield f"/reviews/actions/?tab={tab}"
    for narrowed in (
        "whose=mine",
        f"site={world.site.code}",
        f"owner={world.users['lead'].pk}",
        "source=case",
        "age=7",
    ):
        yield f"/reviews/actions/?{narrowed}"
        yield f"/reviews/actions/board/?{narrowed}"
    for case in found.cases.values():
        yield f"/reviews/actions/of-case/{case.ref}/"
        yield f"/reviews/actions/new/?from=case:{case.ref}"
    yield from (f"/reviews/actions/of-{what}/{world.site.code}/" for what in ("site", "scorecard"))
    yield from (f"/reviews/{name}/" for name in ("packs", "findings", "practices", "meetings", "calendar", "visits"))
    yield from ("/", "/inbox/?show=all", f"/search/?q={COMMON}", f"/ui/palette/?q={COMMON}", "/ui/counts/")


def refs_of(url: str) -> bool:
    """Whether names of cases are asserted too: not where the address has one, which comes back."""
    return "EC-" not in url


def test_no_page_of_reviews_tells_more_than_its_reader_may_know(found: Secrets) -> None:
    wrong = []
    for who, client in found.clients.items():
        for one in found.kept:
            for url in one.urls:
                wrong += leaks(found, who, text_of(client, url), url, refs=one.ref not in url if one.ref else True)
        for url in lists(found):
            headers = HTMX if url.startswith("/ui/") else {}
            wrong += leaks(found, who, text_of(client, url, headers=headers), url, refs=refs_of(url))
    assert wrong == []


def test_whoever_may_read_it_does(found: Secrets) -> None:
    """Otherwise the silence of the other tests would prove nothing."""
    for one in found.kept:
        for who in one.readers:
            for url in one.urls:
                assert tells(one, text_of(found.clients[who], url)), (who, one.key, url)


def test_what_is_out_of_sight_is_not_there(found: Secrets) -> None:
    for one in found.kept:
        for who, client in found.clients.items():
            if who not in one.readers:
                wanted = {302} if who in (ANONYMOUS, "deactivated") else {404}
                assert {client.get(url).status_code for url in one.urls} == wanted, (who, one.key)


def shown(client: Client, tab: str) -> tuple[int, int]:
    """What a list counts, and how many rows it has."""
    page = text_of(client, "/reviews/actions/", {"tab": tab})
    count = re.search(rf'tab={tab}[^>]*>[^<]*<span class="count">(\d+)', page)
    assert count, tab
    return int(count[1]), page.count('id="action-')


def test_lists_count_what_they_show(found: Secrets) -> None:
    Action.objects.filter(state=ActionState.UNDER_WAY).update(is_overdue=True)
    for who in ("coordinator", "manager", "lead", "qa", "auditor", "administrator", "foreign_lead", "stand_in"):
        for tab in ("todo", "verify", "closed"):
            counted, rows = shown(found.clients[who], tab)
            assert counted == rows, (who, tab)
        seen = {one.key for one in found.kept if tells(one, text_of(found.clients[who], "/reviews/actions/"))}
        assert seen == {one.key for one in found.kept if who in one.readers and "action" in one.key}, who


def test_an_agenda_and_its_minutes_name_no_action_of_a_case_out_of_sight(found: Secrets, mailoutbox: list[Any]) -> None:
    world = found.made.world
    meeting = Engagement.objects.get(title__contains="zqmeetingkeptxw")
    closed = {one.key: one for one in found.kept if one.key.startswith("action")}
    page = text_of(found.clients["coordinator"], f"/reviews/meetings/{meeting.pk}/")
    assert tells(closed["actionrestricted"], page)
    assert tells(closed["action"], page)
    page = text_of(found.clients["lead"], f"/reviews/meetings/{meeting.pk}/")
    assert not tells(closed["actionrestricted"], page)
    assert tells(closed["action"], page)
    coordinator = actor_for(world.users["coordinator"])
    Engagement.objects.filter(pk=meeting.pk).update(starts_at=timezone.now())
    hold(actor=coordinator, pk=meeting.pk, came=[])
    send_minutes(actor=coordinator, pk=meeting.pk)
    mails = sent(found, mailoutbox)
    assert "zqmeetingkeptxw" in mails["lead"]
    assert leaks(found, "lead", mails["lead"], "mail") == []
    assert tells(closed["actionrestricted"], mails["coordinator"])
    page = text_of(found.clients["lead"], f"/reviews/meetings/{meeting.pk}/")
    assert leaks(found, "lead", page, "minutes") == []


def sent(found: Secrets, letters: list[Any]) -> dict[str, str]:
    """All mails that are sent now, by who gets them."""
    told(found)
    OutboxRow.objects.update(not_before="2020-01-01T00:00Z", next_attempt_at="2020-01-01T00:00Z")
    send()
    dispatch()
    people = {user.email: who for who, user in found.made.world.users.items()}
    mails = dict.fromkeys(found.made.world.users, "")
    for mail in DemoMail.objects.filter(to__in=people):
        mails[people[mail.to]] += f"{mail.subject}\n{mail.text}\n{mail.html}\n"
    for letter in letters:
        for to in set(letter.to) & set(people):
            mails[people[to]] += f"{letter.body}\n{letter.message()}"
    return mails


def test_notices_and_mails_name_nothing_out_of_sight(found: Secrets, mailoutbox: list[Any]) -> None:
    """Raised, done and sent back before the cases were closed in; read by their owner afterwards."""
    wrong = []
    mails = sent(found, mailoutbox)
    for who, mail in mails.items():
        wrong += leaks(found, who, mail, "mail")
        if who != "deactivated":
            wrong += leaks(found, who, text_of(found.clients[who], "/inbox/", {"show": "all"}), "/inbox/")
    assert wrong == []
    assert "sent back" in text_of(found.clients["lead"], "/inbox/", {"show": "all"})


def test_calendars_read_from_outside_tell_each_their_own(found: Secrets) -> None:
    for who in ("lead", "coordinator", "foreign_lead", "manager", "auditor"):
        token = make_feed(actor=actor_for(found.made.world.users[who]))
        page = text_of(Client(), f"/reviews/calendar/{token}.ics").replace("\r\n ", "")
        assert leaks(found, who, page, "calendar") == [], who
        assert ("zqmeetingkeptxw" in page) == (who in ("lead", "coordinator")), who
    for who in ("agent", "associate", "it"):
        with pytest.raises(Http404):
            make_feed(actor=actor_for(found.made.world.users[who]))
