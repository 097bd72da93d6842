"""Who hears of packs: drafts reach both sides, acknowledgements the other, publications those subscribed, once, in their language."""

import re
from email.message import EmailMessage
from typing import Any

import pytest
from django.utils import timezone

from portal.accounts.choices import Role
from portal.accounts.models import Membership
from portal.notifications.models import Notification, OutboxRow
from reviews.actions.packs import acknowledge, comment
from reviews.models import Subscription
from tests.factories.reviews import ReportJobFactory
from tests.notifications.smtp import Sink

from .letter_world import Weekly, handed_round, send
from .pack_world import World, browser, by, member
from .packing import frozen_pack

pytestmark = pytest.mark.django_db


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content())


def test_a_draft_is_told_to_both_sides_once() -> None:
    here = Weekly()
    both = {"Maria Manager", "Carl Coordinator", "Li Lead"}
    assert handed_round() == {"draft": both}
    text = browser(here.lead).get("/inbox/").content.decode()
    assert "Chengdu · Week 46, 2026 is a draft and waits for comments" in text
    assert f"/reviews/packs/{here.pack.pk}/" in text


def test_the_other_side_hears_of_an_acknowledgement_and_of_what_voids_it() -> None:
    here = World()
    comment(actor=by(here.lead), pack_id=here.pack.pk, text="Ill.", line_id=here.line)
    acknowledge(actor=by(here.lead), pack_id=here.pack.pk, seen=here.seen)
    assert handed_round() == {"acknowledged": {"Maria Manager", "Carl Coordinator"}}
    comment(actor=by(here.manager), pack_id=here.pack.pk, text="And a storm.")
    assert handed_round()["voided"] == {"Li Lead"}


def test_what_is_past_when_it_is_handed_round_is_not_told() -> None:
    here = World()
    comment(actor=by(here.lead), pack_id=here.pack.pk, text="Ill.", line_id=here.line)
    acknowledge(actor=by(here.lead), pack_id=here.pack.pk, seen=here.seen)
    acknowledge(actor=by(here.coordinator), pack_id=here.pack.pk, seen=here.seen)
    assert handed_round() == {}


def test_subscribers_are_written_to_in_their_language_with_score_and_chart(sink: Sink) -> None:
    here = Weekly()
    here.published()
    assert handed_round()["published"] == {"Qi Quality", "Maria Manager", "Li Lead", "Carl Coordinator"}
    send()
    mails = {str(one["To"]): one for one in sink.messages if "png" in str(one)}
    assert here.stranger.email not in {str(one["To"]) for one in sink.messages}
    english, chinese = mails[here.lead.email], mails[here.qa.email]
    scores = next(one for one in here.pack.data["sections"][0]["blocks"] if one["key"] == "scores")
    score = f"{float(scores['rows'][0]['cells'][1]):.1f}"
    for message in (english, chinese):
        html = part(message, "html")
        assert score in html
        assert f"/reviews/packs/{here.pack.pk}/" in html
        cid, text = re.findall(r'<img src="cid:([^"]+)" width="480" alt="([^"]+)">', html)[0]
        assert cid == f"pack{here.pack.pk}@portal"
        (picture,) = (one for one in message.walk() if one.get_content_type() == "image/png")
        assert picture["Content-ID"] == f"<{cid}>"
        assert picture.get_content().startswith(b"\x89PNG")
        assert text
    assert "Chengdu" in part(english, "plain")
    assert "成都" in part(chinese, "plain")
    assert "Chengdu" not in part(chinese, "plain")


def test_who_lost_the_site_meanwhile_is_sent_nothing(sink: Sink) -> None:
    here = Weekly()
    here.published()
    Membership.objects.filter(user=here.qa).update(ended_at=timezone.now())
    assert "Qi Quality" not in handed_round()["published"]
    Membership.objects.filter(user=here.lead).update(ended_at=timezone.now())
    send()
    assert not {here.qa.email, here.lead.email, here.stranger.email} & {str(one["To"]) for one in sink.messages}


def test_a_mail_server_that_is_gone_is_tried_again_and_nothing_is_sent_twice(sink: Sink) -> None:
    here = Weekly()
    handed_round()
    send()
    sink.messages.clear()
    here.published()
    handed_round()
    sink.answers["CONNECT"] = ["421 gone"] * 50
    send()
    assert sink.messages == []
    assert OutboxRow.objects.filter(state="pending").exists()
    sink.answers.clear()
    for _round in range(3):
        send()
        handed_round()
    to = [str(one["To"]) for one in sink.messages if "png" in str(one)]
    assert sorted(to) == sorted({here.qa.email, here.manager.email, here.lead.email, here.coordinator.email})


def test_a_pack_of_a_whole_partner_is_for_whoever_sees_all_of_it() -> None:
    here = World()
    subscribed = member(Role.PARTNER_LEAD, site=here.other, name="Sees half")
    job = ReportJobFactory.create(scope="partner", site=None, partner=here.site.partner)
    Subscription.objects.create(job=job, user=subscribed)
    Subscription.objects.create(job=job, user=here.lead)
    here.other.partner = here.site.partner
    here.other.save()
    pack: Any = frozen_pack(None, scope="partner", partner=here.site.partner, job=job)
    handed_round()
    seen = set(Notification.objects.filter(subject_ids=[pack.pk]).values_list("recipient__name", flat=True))
    assert not seen & {"Sees half", "Li Lead", "Paula Porto"}
