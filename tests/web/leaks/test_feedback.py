"""Feedback is between who gives it, who gets it and the lead: no page, list, search, export, trail or inbox tells others."""

import pytest
from django.urls import reverse
from django.utils import timezone

from escalations.actions import Opinion, answer_feedback, give_feedback
from escalations.models import Case, PeerFeedback
from tests.factories.api import Program
from tests.web.hidden import COMMON, Secrets
from tests.web.leaks.seeing import leaks, text_of

pytestmark = pytest.mark.django_db
WORD, ANSWER = "zqfeedbackxw", "zqfeedbackanswerxw"
PRIVY = {"associate", "service_lead"}


@pytest.fixture
def told(found: Secrets) -> Secrets:
    """The lead closed a standard and a confidential case; the associate tells them what they think of it."""
    world = found.made.world
    ratings = {"ownership": 4, "communication": 3, "judgement": 2, "documentation": 1}
    for key in ("standard", "confidential"):
        case = found.cases[key]
        Case.objects.filter(pk=case.pk).update(
            state="closed", resolved_at=timezone.now(), owner=world.users["service_lead"]
        )
        made = give_feedback(actor=world.actor("associate"), ref=case.pk, opinion=Opinion(ratings, f"{WORD} {COMMON}"))
        answer_feedback(actor=world.actor("service_lead"), feedback_id=made.pk, text=f"{ANSWER} {COMMON}")
    return found


def addresses(found: Secrets) -> list[str]:
    """Where somebody might look."""
    urls = [
        "/", "/feedback/", "/feedback/?list=gave", "/feedback/?list=led", "/inbox/?show=all", "/audit/", f"/search/?q={COMMON}",
        f"/queue/?q={COMMON}&state=closed", f"/queue/export/?q={COMMON}&state=closed", "/mentions/", "/shift/",
    ]  # fmt: skip
    for key in ("standard", "confidential"):
        urls += [f"/cases/{found.cases[key].ref}/{part}" for part in ("", "feedback/", "playbook/", "facts/")]
    pages = ("escalations:feedback-change", "escalations:feedback-one")
    return urls + [reverse(name, args=[one.pk]) for one in PeerFeedback.objects.order_by("pk") for name in pages]


def test_its_words_reach_nobody_else(told: Secrets) -> None:
    wrong, urls = [], addresses(told)
    for who in told.people:
        for url in urls:
            page = text_of(told.clients[who], url)
            wrong += leaks(told, who, page, url, refs="/cases/" not in url)
            if who not in PRIVY and (WORD in page or ANSWER in page):
                wrong.append(f"{who} {url}: words of feedback")
            if (
                who not in PRIVY
                and url.startswith("/feedback/")
                and url[10:11].isdigit()
                and page[:3] not in ("404", "302")
            ):
                wrong.append(f"{who} {url}: {page[:3]}")
    assert wrong == []
    for who in PRIVY:
        assert WORD in text_of(told.clients[who], urls[-1])
        assert told.cases["confidential"].ref in text_of(
            told.clients[who], "/feedback/?list=gave" if who == "associate" else "/feedback/"
        )


def test_whoever_loses_sight_of_a_sensitive_case_loses_its_feedback(told: Secrets) -> None:
    Case.objects.filter(pk=told.cases["confidential"].pk).update(sensitivity="restricted")
    one = PeerFeedback.objects.get(case=told.cases["confidential"].pk)
    for url in ("/feedback/?list=gave", f"/feedback/{one.pk}/", "/inbox/?show=all"):
        page = text_of(told.clients["associate"], url)
        assert told.cases["confidential"].ref not in page, url
        assert ANSWER not in page, url


def test_programs_read_nothing_of_it(told: Secrets) -> None:
    case = told.cases["standard"]
    for who in ("administrator", "auditor", "coordinator", "associate", "service_lead", "lead"):
        program = Program(told.made.world.users[who])
        for part in ("", "/entries", "/clocks"):
            answer = program.get(f"/cases/{case.ref}{part}")
            assert answer.status_code == 200, (who, part)
            assert WORD not in answer.content.decode(), (who, part)
            assert "feedback" not in answer.content.decode(), (who, part)


def test_the_trail_keeps_ids_alone(told: Secrets) -> None:
    page = text_of(told.clients["administrator"], "/audit/?verb=case.feedback_given")
    assert WORD not in page
    assert "Gave a colleague feedback on a case" in page
