"""A practice that is offered, and a site's answer, are told once, to those whom it concerns, and name no site of another partner."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation
from pytest_django import Settings

from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.notifications import tasks
from portal.notifications.delivery.fanout import fan_out_batch
from portal.notifications.models import Notification, OutboxRow
from reviews.actions.findings import answer_sharing, share, withdraw_finding
from reviews.models import Finding, Sharing
from reviews.wording.practices import of_answer, of_offer
from tests.factories.accounts import MembershipFactory
from tests.factories.partners import SiteFactory
from tests.factories.reviews import FindingFactory
from tests.notifications import smtp
from tests.notifications.smtp import Sink
from tests.reviews.visiting import World

pytestmark = pytest.mark.django_db


class Two(World):
    """Chengdu has a practice; Manila is another partner's. A manager looks after both."""

    def __init__(self) -> None:
        super().__init__()
        self.rival = SiteFactory.create(name="Manila", name_zh="马尼拉")
        self.their_qa = self.person("Ana Cruz", Role.PARTNER_QA, self.rival)
        self.their_agent = self.person("Agent Cruz", Role.AGENT, self.rival)
        MembershipFactory.create(user=self.manager, role=Role.MANAGER, site=self.rival)
        self.practice: Finding = FindingFactory.create(
            site=self.site, kind="practice", title="Huddles at noon", by=self.lead
        )

    def offered(self) -> Sharing:
        share(actor=actor_for(self.manager), pk=self.practice.pk, site_ids=[self.rival.pk])
        return Sharing.objects.get()

    def answered(self, sharing: Sharing, adoption: str, **more: Any) -> None:
        sharing.refresh_from_db()
        values = {"adoption": adoption, "why": "Twice a day", "result": "", **more}
        answer_sharing(actor=actor_for(self.their_qa), pk=sharing.pk, seen=sharing.version, **values)


@pytest.fixture
def here() -> Two:
    return Two()


@pytest.fixture
def sink(settings: Settings) -> Iterator[Sink]:
    """A real SMTP server, which Django's mail goes to."""
    with smtp.running() as sink:
        settings.MAILERS = sink.mailers()
        yield sink


def told() -> list[tuple[str, str]]:
    """Who hears of what, by the part of the kind's name after the wing's; handed round now."""
    while fan_out_batch():
        pass
    rows = Notification.objects.select_related("recipient").order_by("kind", "recipient__name", "pk")
    return [(one.kind.removeprefix("reviews.practice_"), one.recipient.name) for one in rows]


def test_an_offer_is_told_to_who_answers_for_the_site_once(here: Two) -> None:
    here.offered()
    here.offered()
    assert told() == [("offered", "Ana Cruz")], "the manager offered it; agents answer nothing"


def test_an_answer_is_told_at_the_site_it_comes_from_and_again_when_it_is_another_one(here: Two) -> None:
    sharing = here.offered()
    here.answered(sharing, "adapt")
    here.answered(sharing, "adapt", result="Fewer repeats")
    origin = ["Chen Wei", "Liu Yang", "Mara Ortiz", "Qin Bo"]
    assert [one for one in told() if one[0] == "answered"] == [("answered", name) for name in origin]
    here.answered(sharing, "not_for_us")
    assert len([one for one in told() if one[0] == "answered"]) == 2 * len(origin)


def test_what_was_answered_or_taken_back_meanwhile_is_not_offered(here: Two) -> None:
    here.offered()
    withdraw_finding(actor=here.by, pk=here.practice.pk)
    assert told() == []


def test_an_offer_that_was_told_and_then_withdrawn_is_no_link_to_nowhere(here: Two) -> None:
    sharing = here.offered()
    assert told() == [("offered", "Ana Cruz")]
    client = Client()
    client.force_login(here.their_qa)
    assert "Huddles at noon" in client.get("/inbox/").content.decode()
    withdraw_finding(actor=here.by, pk=here.practice.pk)
    assert client.get(f"/reviews/practices/{sharing.pk}/").status_code == 404
    assert "Huddles at noon" not in client.get("/inbox/").content.decode()


def test_what_was_answered_before_it_was_withdrawn_can_be_read(here: Two) -> None:
    sharing = here.offered()
    here.answered(sharing, "adopt")
    told()
    withdraw_finding(actor=here.by, pk=here.practice.pk)
    client = Client()
    client.force_login(here.lead)
    assert "a site adopts it" in client.get("/inbox/").content.decode()
    assert client.get(f"/reviews/practices/{sharing.pk}/").status_code == 200


def test_the_mail_is_in_the_readers_language_and_names_no_site_of_another_partner(here: Two, sink: Sink) -> None:
    User.objects.filter(pk=here.their_qa.pk).update(language="zh-hans")
    sharing = here.offered()
    told()
    here.answered(sharing, "adopt")
    told()
    past = timezone.now() - timedelta(days=1)
    OutboxRow.objects.filter(state="pending").update(not_before=past, next_attempt_at=past)
    tasks.send()
    mails = {str(one["To"]): body(one) for one in sink.messages}
    theirs, ours = mails[here.their_qa.email], mails[here.lead.email]
    assert not [name for name in ("Chengdu", "成都", "Liu Yang") if name in theirs]
    assert not [name for name in ("Manila", "马尼拉", "Ana Cruz") if name in ours]
    assert "Huddles at noon" in theirs
    assert "“Huddles at noon”: a site adopts it" in ours
    assert 'lang="zh-Hans"' in theirs or "站点" in theirs or "收件箱" in theirs


def body(message: Any) -> str:
    """Subject, text and HTML of a mail."""
    parts = [message.get_body((kind,)) for kind in ("plain", "html")]
    return "".join([str(message["Subject"]), *(str(one.get_content()) for one in parts if one)])


def test_words_in_both_languages() -> None:
    for language in ("en", "zh-hans"):
        with translation.override(language):
            offer = of_offer({"title": "Huddles"}, 1)
            answers = {of_answer({"title": "Huddles", "adoption": one}, 1) for one in ("adopt", "adapt", "not_for_us")}
            assert "Huddles" in offer
            assert len(answers) == 3
            assert "2" in of_offer({}, 2)
            assert "2" in of_answer({}, 2)
