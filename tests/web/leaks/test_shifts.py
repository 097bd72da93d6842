"""What a shift hands over reaches who gives and who takes it, and of each case only those who see it then."""

import re
from uuid import uuid4

import pytest

from escalations import actions
from escalations.actions import HandLine, hand_over_shift
from escalations.models import Case, ShiftHandover
from tests.web.hidden import COMMON, Secrets
from tests.web.leaks.seeing import leaks, text_of

pytestmark = pytest.mark.django_db
WORD = "zqshiftlinexw"


def handed(found: Secrets, giver: str, taker: str, *keys: str) -> ShiftHandover:
    """These cases, owned by one, go to the other."""
    users, cases = found.made.world.users, [found.cases[key] for key in keys]
    Case.objects.filter(pk__in=[one.pk for one in cases]).update(owner=users[giver])
    lines = [HandLine(one.pk, "watches", f"{WORD} {one.word('internal')}") for one in cases]
    return hand_over_shift(
        actor=found.made.world.actor(giver), taker_id=users[taker].pk, lines=lines, key=uuid4()
    )  # fmt: skip


def test_a_line_reaches_nobody_who_does_not_see_the_case(found: Secrets) -> None:
    made = handed(found, "service_lead", "associate", "standard", "confidential")
    wrong = []
    for who in found.people:
        for url in (
            "/shift/",
            f"/shift/{made.pk}/",
            "/",
            "/inbox/?show=all",
            f"/queue/?q={COMMON}",
            f"/search/?q={WORD}",
        ):
            page = text_of(found.clients[who], url)
            wrong += leaks(found, who, page, url)
            inside = found.cases["standard"].inside
            if (
                WORD in page.replace(f"q={WORD}", "").replace(f'value="{WORD}"', "")
                and who not in inside
                and "search" not in url
            ):
                wrong.append(f"{who} {url}: a line")
    assert wrong == []
    assert WORD in text_of(found.clients["associate"], f"/shift/{made.pk}/")


def test_a_case_that_closes_in_afterwards_is_gone_from_the_list(found: Secrets) -> None:
    made = handed(found, "service_lead", "associate", "standard", "confidential")
    Case.objects.filter(pk=found.cases["confidential"].pk).update(sensitivity="restricted")
    page = text_of(found.clients["associate"], f"/shift/{made.pk}/")
    assert found.cases["standard"].ref in page
    assert found.cases["confidential"].ref not in page
    assert found.cases["confidential"].word("internal") not in page
    assert "0 of 1 taken over" in page
    assert "0 of 1 taken over" in text_of(found.clients["associate"], "/shift/")


def test_a_list_says_nothing_of_a_case_that_cannot_go_there(found: Secrets) -> None:
    users = found.made.world.users
    restricted, standard = found.cases["restricted"], found.cases["standard"]
    Case.objects.filter(pk__in=[restricted.pk, standard.pk]).update(owner=users["coordinator"])
    own = text_of(found.clients["coordinator"], f"/shift/?to={users['associate'].pk}")
    assert restricted.ref in own
    assert f"way_{restricted.pk}" not in own
    assert f"way_{standard.pk}" in own
    for who in set(found.people) - {"coordinator"}:
        assert leaks(found, who, text_of(found.clients[who], "/shift/"), "/shift/") == []


def test_a_case_that_closes_in_after_it_was_handled_is_in_no_list_and_no_number(found: Secrets) -> None:
    world, keys = found.made.world, ("standard", "agents", "colleagues")
    lists = [f"/shift/today/?show={part}" for part in ("handled", "resolved", "clocks")]
    for key in keys:
        actions.set_state(actor=world.actor("coordinator"), ref=found.cases[key].pk, verb="triage")
        actions.set_state(actor=world.actor("coordinator"), ref=found.cases[key].pk, verb="resolve")
    page = text_of(found.clients["coordinator"], lists[0])
    assert all(found.cases[key].ref in page for key in keys)
    before = counted(page)
    hidden = found.cases["standard"]
    actions.set_sensitivity(actor=world.actor("service_lead"), ref=hidden.pk, sensitivity="restricted")
    for url in (*lists, "/day/shift/"):
        page = text_of(found.clients["coordinator"], url)
        assert hidden.ref not in page, url
        assert hidden.word("subject") not in page, url
        if url in lists:
            now = counted(page)
            assert (now["handled"], now["resolved"]) == (before["handled"] - 1, before["resolved"] - 1), url
            assert now["clocks"] < before["clocks"], url
    assert f"<b>{now['handled']}</b> case" in page


def counted(page: str) -> dict[str, int]:
    """The numbers of the lists; of promises all that were decided."""
    found = re.findall(r'id="tab-(\w+)"[^>]*>[^<]*<span class="count">(?:\d+/)?(\d+)', page)
    return {key: int(number) for key, number in found}


def test_the_lists_of_a_shift_tell_nobody_of_what_they_may_not_see(found: Secrets) -> None:
    wrong = []
    for who in found.people:
        for part in ("handled", "resolved", "clocks"):
            url = f"/shift/today/?show={part}"
            wrong += leaks(found, who, text_of(found.clients[who], url), url)
    assert wrong == []
