"""Links, hints of the same case and what is split off tell nobody of a case that is out of their sight."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from escalations import actions
from escalations.models import Case, CaseLink, TimelineEntry
from portal.accounts.rules import SYSTEM
from portal.notifications.delivery.fanout import fan_out_batch
from portal.notifications.models import Notification
from tests.escalations.pages_world import HTMX
from tests.factories.api import Program
from tests.web.hidden import COMMON, Secrets
from tests.web.leaks.seeing import leaks, same, state_of_everything, text_of
from tests.web.world import ANONYMOUS

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def built(built: Secrets, django_db_blocker: DjangoDbBlocker) -> Iterator[Secrets]:
    """The world of the other leaks, with every case linked to every other one, and a part split off each; taken back after the last test."""
    with django_db_blocker.unblock(), transaction.atomic():
        cases = sorted(found.pk for found in built.cases.values())
        for number, one in enumerate(cases):
            for other in cases[number + 1 :]:
                actions.link_cases(actor=SYSTEM, ref=one, other=other, said="follows")
        while fan_out_batch():
            pass
        yield built
        transaction.set_rollback(True)


def test_no_page_tells_of_a_linked_case_that_is_out_of_sight(found: Secrets) -> None:
    wrong = []
    for who, client in found.clients.items():
        for case in found.cases.values():
            for part in ("", "linked/"):
                url = f"/cases/{case.ref}/{part}"
                page = text_of(client, url, headers=HTMX)
                wrong += leaks(found, who, page.replace(case.ref, "") if who not in case.readers else page, url)
    assert wrong == []


def test_whoever_may_see_both_sees_the_link_on_both(found: Secrets) -> None:
    """Otherwise the silence of the other tests would prove nothing."""
    for one in found.cases.values():
        for other in found.cases.values():
            for who in one.inside & other.inside:
                if one is not other:
                    assert f"/cases/{other.ref}/" in text_of(found.clients[who], f"/cases/{one.ref}/linked/"), who


def test_links_notify_nobody(found: Secrets) -> None:
    assert not Notification.objects.filter(kind__contains="link").exists()


def test_links_of_cases_out_of_sight_are_removed_by_nobody(found: Secrets) -> None:
    before = state_of_everything()
    for who in ("coordinator", "associate"):
        for link in CaseLink.objects.order_by("pk"):
            ends = {case.pk: case for case in found.cases.values() if case.pk in (link.case_a_id, link.case_b_id)}
            if all(who in case.readers for case in ends.values()):
                continue
            for case in ends.values():
                answer = found.clients[who].post(f"/cases/{case.ref}/linked/{link.pk}/remove/", headers=HTMX)
                nothing = found.clients[who].post(f"/cases/{case.ref}/linked/987654321/remove/", headers=HTMX)
                assert (answer.status_code, nothing.status_code) == (404, 404)
                other = next(one for one in ends.values() if one is not case)
                apart = found.clients[who].post(f"/cases/{case.ref}/apart/", {"other": other.ref}, headers=HTMX)
                assert apart.status_code == 404
    assert state_of_everything() == before


def test_the_dialog_answers_as_for_a_case_that_is_not_there(found: Secrets) -> None:
    for who in ("coordinator", "associate"):
        mine = next(c for c in found.cases.values() if who in c.readers)
        for case in (one for one in found.cases.values() if who not in one.readers):
            pages = []
            for ref in (case.ref, "EC-987654"):
                form = {"other": ref, "said": "related"}
                answer = found.clients[who].post(f"/cases/{mine.ref}/link/", form, headers=HTMX)
                assert answer.status_code == 422
                pages.append(same(answer.content.decode(), ref))
            assert pages[0] == pages[1], (who, case.key)


def test_hints_name_nothing_out_of_sight(found: Secrets) -> None:
    wrong = []
    for who, client in found.clients.items():
        program = Program(found.made.world.users[who]) if who != ANONYMOUS else None
        for case in found.cases.values():
            asked = {"subject": f"{COMMON} {case.word('subject')}", "customer_ref": case.word("customer")}
            page = text_of(client, "/cases/similar/", asked, headers=HTMX)
            wrong += [line for line in leaks(found, who, page, "/cases/similar/") if case.ref in line]
            if program is not None:
                body = {**asked, "service": found.made.world.service.code, "site": found.made.world.site.code}
                answer = program.post("/cases?possible_duplicates=true", body, key=f"{who}{case.key}")
                named = answer.json().get("possible_duplicates", []) if answer.status_code == 201 else []
                wrong += [
                    f"{who} api {one.key}"
                    for one in found.cases.values()
                    if one.ref in named and who not in one.readers
                ]
    assert wrong == []


def test_a_hint_names_what_is_in_sight(found: Secrets) -> None:
    case = found.cases["confidential"]
    asked = {"customer_ref": case.word("customer")}
    assert case.ref in text_of(found.clients["associate"], "/cases/similar/", asked)
    assert case.ref not in text_of(found.clients["coordinator"], "/cases/similar/", asked)


@pytest.mark.parametrize("key", ["confidential", "restricted"])
def test_what_is_split_off_is_as_hidden_as_where_it_comes_from(found: Secrets, key: str) -> None:
    case = found.cases[key]
    entry = TimelineEntry.objects.filter(case=case.pk, body__text=case.word("internal")).get()
    for who in ("coordinator", "associate", "lead", "auditor", "agent"):
        url = f"/cases/{case.ref}/entries/{entry.pk}/split/"
        expected = {200} if who in case.inside and who != "auditor" else {403} if who in case.readers else {404}
        assert {found.clients[who].get(url).status_code} == expected, who
    part = actions.Part(subject="Second", service_id=found.made.world.service.pk, impact="minor", urgency="week")
    made = actions.split(actor=SYSTEM, ref=case.pk, entry_ids=[entry.pk], part=part)
    assert Case.objects.get(pk=made.pk).sensitivity == key
    for who, client in found.clients.items():
        told = text_of(client, f"/cases/{made.ref}/") + text_of(client, "/queue/")
        if who in case.inside:
            assert case.word("internal") in told, who
        else:
            assert case.word("internal") not in told, who
            assert client.get(f"/cases/{made.ref}/").status_code != 200, who
