"""What somebody may not know reaches them nowhere: no page, fragment, export, search, count or choice."""

import itertools
import re
from collections.abc import Iterator

import pytest

from escalations import actions
from tests.escalations.pages_world import HTMX
from tests.web.hidden import COMMON, NOBODY, Secrets
from tests.web.leaks.seeing import CASE_PARTS, CURIOUS, leaks, pages, same, text_of

pytestmark = pytest.mark.django_db


def test_no_page_tells_more_than_its_reader_may_know(found: Secrets) -> None:
    wrong = []
    for url in pages(found):
        people = CURIOUS if url.startswith("/directory/") else found.people
        for who in people:
            wrong += leaks(found, who, text_of(found.clients[who], url), url)
    assert wrong == []


def lists() -> Iterator[tuple[str, dict[str, str]]]:
    """Every list of cases, and every way to narrow it."""
    for tab in ("open", "mine", "unassigned", "due_soon", "breached", "waiting", "resolved_today"):
        yield "/queue/", {"tab": tab}
    for path in ("/queue/rows/", "/queue/export/", "/queue/"):
        yield path, {"q": COMMON}
        yield path, {"state": "new"}
    yield "/search/", {"q": COMMON}
    yield "/ui/palette/", {"q": COMMON}
    yield "/inbox/", {"show": "all"}
    yield "/audit/", {"subject_type": "case"}


def test_no_list_tells_more_than_its_reader_may_know(found: Secrets) -> None:
    wrong = []
    for url, data in lists():
        for who, client in found.clients.items():
            headers = {} if url == "/queue/" else HTMX
            wrong += leaks(found, who, text_of(client, url, data, headers=headers), f"{url}{data}")
    assert wrong == []


def test_whoever_may_read_a_case_finds_it(found: Secrets) -> None:
    """Otherwise the silence of the other tests would prove nothing."""
    for case in found.cases.values():
        for who in case.readers:
            page = text_of(found.clients[who], f"/cases/{case.ref}/")
            assert {case.word(p) in page for p in ("subject", "body", "customer", "contact", "shared")} == {True}, who
            for inside in ("internal", "fact", "card"):
                assert (case.word(inside) in page) == (who in case.inside), (who, inside)
            assert case.word("subject") in text_of(found.clients[who], "/queue/", {"q": COMMON}), who


def test_the_queue_counts_and_exports_exactly_what_its_reader_may_see(found: Secrets) -> None:
    for who in set(found.people) - set(NOBODY):
        wanted = {case.word("subject") for case in found.cases.values() if who in case.readers}
        page = text_of(found.clients[who], "/queue/", {"q": COMMON})
        export = text_of(found.clients[who], "/queue/export/", {"q": COMMON})
        assert set(re.findall(r"zq\w+subjectxw", page)) == wanted, who
        assert set(re.findall(r"zq\w+subjectxw", export)) == wanted, who
        assert re.search(rf"\b{len(wanted)} cases?\b", page) or not wanted, who


def test_people_without_a_standing_see_no_case_at_all(found: Secrets) -> None:
    for who in NOBODY:
        for url in ("/", "/queue/", "/queue/rows/", "/queue/export/", "/search/?q=Harbour", "/ui/palette/?q=Harbour"):
            page = text_of(found.clients[who], url)
            assert COMMON not in page.replace("/search/?q=Harbour", "").replace('value="Harbour"', "") or "q=" in url
            assert "subjectxw" not in page


# Parts of a case that are only read, or only written.
ONE_METHOD = {
    **dict.fromkeys(("", "facts/", "playbook/", "handing/", "linked/"), ("get",)),
    **dict.fromkeys(("note/", "watch/"), ("post",)),
}


def test_a_hidden_case_answers_like_one_that_does_not_exist(found: Secrets) -> None:
    absent = "EC-987654"
    for case, part in itertools.product(found.cases.values(), (*CASE_PARTS, "facts/", "playbook/", "note/", "watch/")):
        for who in set(CURIOUS if not part else ("manager", "lead", "foreign_lead", "administrator")) - case.readers:
            for method in ONE_METHOD.get(part, ("get", "post")):
                ask = getattr(found.clients[who], method)
                hidden, nothing = (ask(f"/cases/{ref}/{part}") for ref in (case.ref, absent))
                assert hidden.status_code == nothing.status_code == 404, (who, case.key, part)
                assert same(hidden.content.decode(), case.ref) == same(nothing.content.decode(), absent)


def test_a_reference_finds_nothing_that_is_out_of_sight(found: Secrets) -> None:
    for case in found.cases.values():
        for who in set(CURIOUS) - case.readers:
            for text in (case.ref, str(case.pk), case.word("customer")):
                for url in ("/search/", "/ui/palette/", "/queue/export/"):
                    page = text_of(found.clients[who], url, {"q": text}, headers=HTMX)
                    assert f"/cases/{case.ref}/" not in page, (who, case.key, url)
                    assert case.word("subject") not in page, (who, case.key, url)


def test_a_poll_does_not_notice_a_case_out_of_sight(found: Secrets) -> None:
    lead = found.made.world.actor("service_lead")
    marks = {}
    for who in ("coordinator", "manager", "lead", "qa", "agent", "administrator", "foreign_lead", "stand_in"):
        page = text_of(found.clients[who], "/queue/")
        found_url = re.search(r"/queue/rows/\?[^\"]*", page)
        assert found_url, who
        marks[who] = found_url[0].replace("&amp;", "&")
    made = actions.create_case(
        actor=lead,
        service_id=found.made.world.service.pk,
        site_id=found.made.world.site.pk,
        subject="Unseen",
        sensitivity="confidential",
        severity_override=1,
        override_reason="Danger",
    )
    actions.add_note(actor=lead, ref=made.pk, text="More", shared=False)
    actions.add_note(actor=lead, ref=found.cases["confidential"].pk, text="More", shared=True)
    for who, url in marks.items():
        assert found.clients[who].get(url, headers=HTMX).status_code == 204, who


def test_choices_name_nobody_and_nothing_elsewhere(found: Secrets) -> None:
    world = found.made.world
    site_names = {world.site.name: world.other_site.name}
    for who in ("coordinator", "lead", "qa", "agent", "stand_in"):
        for url in ("/queue/filter/", "/cases/new/", "/directory/people/", "/directory/people/new/", "/account/"):
            page = text_of(found.clients[who], url)
            assert site_names[world.site.name] not in page.replace("Asia/", ""), (who, url)
    for who in ("lead", "qa", "agent", "foreign_lead"):
        page = text_of(found.clients[who], "/queue/filter/")
        assert "Service Lead" not in page
        assert "Foreign Coordinator" not in page


def test_a_filter_names_nobody_that_its_list_does_not_offer(found: Secrets) -> None:
    users = found.made.world.users
    others = ("foreign_lead", "agent", "auditor", "administrator", "it")
    for other in others:  # a short name like "It" stands in many a sentence
        users[other].name = f"Quillfeather {other}"
        users[other].save(update_fields=["name"])
    for who in ("coordinator", "associate", "lead"):
        for other in others:
            page = text_of(found.clients[who], "/queue/", {"owner": str(users[other].pk)})
            assert users[other].name not in page, (who, other)
    for who in ("coordinator", "lead", "agent"):
        page = text_of(found.clients[who], "/queue/", {"site": str(found.made.world.other_site.pk)})
        assert found.made.world.other_site.name not in page, who
