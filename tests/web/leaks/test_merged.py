"""Merged cases tell nobody more than before: neither of the one that ended, nor of the one that goes on."""

import re
from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from escalations import actions
from escalations.models import Case
from portal.accounts.rules import SYSTEM
from portal.notifications.delivery.fanout import fan_out_batch
from portal.notifications.models import Notification
from tests.escalations.pages_world import HTMX
from tests.web.hidden import COMMON, Secrets
from tests.web.leaks.seeing import CASE_PARTS, leaks, same, text_of

pytestmark = pytest.mark.django_db
# The one that ends, and the one that goes on: across sites and services, and with other readers.
PAIRS = (("foreign", "standard"), ("agents", "colleagues"), ("others", "confidential"))


@pytest.fixture(scope="module")
def built(built: Secrets, django_db_blocker: DjangoDbBlocker) -> Iterator[Secrets]:
    """The world of the other leaks, with pairs of equal sensitivity merged, so that nobody's sight changes; taken back after the last test."""
    with django_db_blocker.unblock(), transaction.atomic():
        for ended, stays in PAIRS:
            reason = built.cases[ended].word("internal")
            actions.merge(actor=SYSTEM, source=built.cases[ended].pk, target=built.cases[stays].pk, reason=reason)
        while fan_out_batch():
            pass
        yield built
        transaction.set_rollback(True)


def test_no_page_of_either_tells_more_than_its_reader_may_know(found: Secrets) -> None:
    wrong = []
    for who, client in found.clients.items():
        for case in found.cases.values():
            for part in CASE_PARTS:
                url = f"/cases/{case.ref}/{part}"
                page = text_of(client, url)
                # The reference in the address comes back on a page that says that there is none.
                wrong += leaks(found, who, page.replace(case.ref, "") if who not in case.readers else page, url)
        for data in ({"q": COMMON}, {"state": "merged"}, {"tab": "open"}):
            wrong += leaks(found, who, text_of(client, "/queue/", data), f"/queue/{data}")
        for url in ("/", "/inbox/?show=all", f"/search/?q={COMMON}", "/queue/export/?state=merged"):
            wrong += leaks(found, who, text_of(client, url, headers=HTMX), url)
    assert wrong == []


def test_whoever_may_read_both_reads_both_on_one_page(found: Secrets) -> None:
    """Otherwise the silence of the other tests would prove nothing."""
    for ended, stays in PAIRS:
        source, target = found.cases[ended], found.cases[stays]
        both = source.readers & target.readers
        assert both
        for who in both:
            page = text_of(found.clients[who], f"/cases/{target.ref}/")
            assert {source.word("body") in page, source.word("shared") in page} == {True}, who
            assert (source.word("internal") in page) == (who in source.inside), who
            assert f'merged into <a href="/cases/{target.ref}/">' in text_of(
                found.clients[who], f"/cases/{source.ref}/"
            )


def test_notices_about_merging_name_no_case_out_of_sight(found: Secrets) -> None:
    told = Notification.objects.filter(kind="case.merged")
    assert {found.made.world.users[who].pk for who in ("coordinator", "lead", "foreign_lead")} >= {
        one.recipient_id for one in told
    }
    assert told.filter(recipient=found.made.world.users["foreign_lead"]).exists()
    for one in told:
        who = next(name for name, user in found.made.world.users.items() if user.pk == one.recipient_id)
        for case in found.cases.values():
            if who not in case.readers:
                assert case.pk not in one.subject_ids
                assert not re.search(rf"\b{case.ref}\b", f"{one.params} {one.url}")


def test_a_target_out_of_sight_answers_like_one_that_does_not_exist(found: Secrets) -> None:
    absent = "EC-987654"
    for who in ("coordinator", "associate"):
        for case in (one for one in found.cases.values() if who not in one.readers):
            mine = next(c for c in found.cases.values() if who in c.readers and _open(c.pk))
            version = Case.objects.get(pk=mine.pk).version
            pages = []
            for ref in (case.ref, absent):
                form = {"version": version, "target": ref, "seen": ref, "reason": "Same"}
                answer = found.clients[who].post(f"/cases/{mine.ref}/merge/", form, headers=HTMX)
                assert answer.status_code == 422
                pages.append(same(answer.content.decode(), ref))
            assert pages[0] == pages[1], (who, case.key)
            assert Case.objects.get(pk=mine.pk).merged_into_id is None


def _open(pk: int) -> bool:
    return Case.objects.get(pk=pk).state != "merged"
