"""Whoever asked for a pack hears how it ended, as far as they may see it then; the list goes on by itself meanwhile."""

import errno
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from escalations import actions
from escalations.actions import evidence
from escalations.models import Case, EvidencePack
from escalations.rendering.evidence import build
from escalations.tasks import make_evidence
from portal.notifications import tasks
from portal.notifications.models import Notification
from tests.escalations.filing import files_root, made
from tests.escalations.pages_world import HTMX, World

__all__ = ["files_root", "made"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def case(made: World) -> Case:
    return made.case(subject="zqsubject")


def asked(made: World, case: Case, who: str = "associate") -> EvidencePack:
    return actions.ask_pack(actor=made.actor(who), ref=case.pk, reason="The regulator asks")


def no_room(*given: Any) -> evidence.Built:
    build(*given)
    raise OSError(errno.ENOSPC, "No space left on device")


def broken(*given: Any) -> evidence.Built:
    build(*given)
    raise OSError(errno.EIO, "Input/output error")


def inbox(made: World, who: str) -> str:
    page: str = made.client(who).get("/inbox/?show=all").text
    return page


def told() -> list[tuple[int, str, str]]:
    tasks.fan_out()
    rows = Notification.objects.filter(kind="case.evidence").order_by("pk")
    return [(one.recipient_id, one.params["state"], one.url) for one in rows]


def test_whoever_asked_is_told_once_that_it_is_ready(made: World, case: Case) -> None:
    asked(made, case)
    assert make_evidence() == 1
    make_evidence()
    url = reverse("escalations:case-evidence", args=[case.ref])
    assert told() == [(made.users["associate"].pk, "ready", url)]
    page = inbox(made, "associate")
    assert f"The evidence pack of {case.ref} is ready" in page
    assert "zqsubject" not in page
    assert "evidence pack" not in inbox(made, "service_lead")


def test_that_it_could_not_be_made_is_told_as_well(made: World, case: Case) -> None:
    asked(made, case)
    assert evidence.make_packs(no_room) == 0
    assert [state for _who, state, _url in told()] == ["failed"]
    assert f"No evidence pack of {case.ref} could be made" in inbox(made, "associate")


def test_what_was_given_up_is_told_once(made: World, case: Case) -> None:
    asked(made, case)
    for _try in range(7):
        EvidencePack.objects.update(not_before=timezone.now() - timedelta(seconds=1))
        try:
            evidence.make_packs(broken)
        except OSError:
            assert told() == []
    assert EvidencePack.objects.get().state == "failed"
    assert [state for _who, state, _url in told()] == ["failed"]


def shut(made: World, case: Case) -> None:
    actions.set_sensitivity(actor=made.actor("service_lead"), ref=case.pk, sensitivity="restricted")


def test_who_lost_the_case_before_the_message_went_round_hears_nothing(made: World, case: Case) -> None:
    asked(made, case, "manager")
    assert make_evidence() == 1
    shut(made, case)
    assert told() == []
    other = made.case()
    asked(made, other, "manager")
    shut(made, other)
    assert make_evidence() == 0
    assert EvidencePack.objects.get(case=other).fault == "allowed"
    assert told() == []


def test_who_loses_the_case_afterwards_reads_it_no_more(made: World, case: Case) -> None:
    asked(made, case, "manager")
    make_evidence()
    assert len(told()) == 1
    assert case.ref in inbox(made, "manager")
    shut(made, case)
    assert case.ref not in inbox(made, "manager")


def test_of_a_pack_that_is_gone_already_nobody_is_told(made: World, case: Case) -> None:
    note = actions.add_note(actor=made.actor("associate"), ref=case.pk, text="A card number", shared=False)
    asked(made, case)
    make_evidence()
    actions.redact_entry(actor=made.actor("associate"), ref=case.pk, entry_id=note.pk)
    assert EvidencePack.objects.get().state == "expired"
    assert told() == []


def test_several_in_one_glance_cost_no_more_queries(
    made: World, case: Case, django_assert_max_num_queries: Any
) -> None:
    from escalations.queries.audience_evidence import packs_seen

    packs = [asked(made, one).pk for one in (case, made.case(), made.case())]
    actor = made.actor("associate")
    with django_assert_max_num_queries(6):
        assert packs_seen(actor, packs) == set(packs)
    assert packs_seen(made.actor("service_lead"), packs) == set()


def test_the_list_asks_for_news_while_one_is_made_and_then_no_more(made: World, case: Case) -> None:
    client, url = made.client("associate"), reverse("escalations:case-evidence", args=[case.ref])
    assert "data-poll" not in client.get(url).text
    asked(made, case)
    page = client.get(url).text
    assert "A pack is being made." in page
    news = next(one for one in page.split('"') if "/evidence/news/?v=" in one)
    assert client.get(news, headers=HTMX).status_code == 204
    make_evidence()
    part = client.get(news, headers=HTMX)
    assert (part.status_code, "data-poll" in part.text, "<html" in part.text) == (200, False, False)
    assert "/file/" in part.text
    assert "/file/" in client.get(url).text, "without script the page is loaded again"
    assert made.client("other_associate").get(news, headers=HTMX).status_code == 404
