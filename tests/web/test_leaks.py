"""What somebody may not know reaches them nowhere: no page, fragment, export, search, count, message or mail."""

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from escalations import actions
from escalations.choices import Channel, Direction, Impact, Urgency
from escalations.models import Case, CaseGrant, EntryBody, TimelineEntry, Watcher
from portal.accounts.queries import actor_for
from portal.notifications.delivery.fanout import fan_out_batch
from portal.notifications.models import DemoMail
from tests.escalations.pages_world import HTMX
from tests.factories.notifications import NotificationFactory
from tests.web.hidden import COMMON, NOBODY, Hidden, Secrets, secrets
from tests.web.matrix import MATRIX
from tests.web.world import ANONYMOUS

pytestmark = pytest.mark.django_db

# The trail names cases by their numbers: whoever reads it knows that they are there, and nothing else.
TRAIL = "/audit/"
# Everybody who has a standing of some kind but does not see every case.
CURIOUS = (
    "administrator", "auditor", "manager", "associate", "lead", "agent", "foreign_lead", "stand_in",
    "stand_in_of_service_lead", "it",
)  # fmt: skip
CASE_PARTS = (
    "", "assign/", "severity/", "state/", "contact/", "escalate/", "details/", "service/", "sensitivity/", "merge/", "access/",
)  # fmt: skip


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Secrets]:
    """The world, built once and taken back after the last test."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield secrets()
        transaction.set_rollback(True)


@pytest.fixture
def found(built: Secrets, db: None) -> Secrets:
    """The same for one test, which leaves nothing behind: it runs in a savepoint."""
    return built


def text_of(client: Client, url: str, data: Any = None, **headers: Any) -> str:
    """The page as sent, streamed or not, with its headers; of a PDF what can be read of it."""
    response = client.get(url, data, **headers)
    body = b"".join(response) if response.streaming else response.content
    return f"{response.status_code}\n{dict(response.headers)}\n{body.decode(errors='replace')}"


def leaks(found: Secrets, who: str, page: str, url: str, *, refs: bool = True) -> list[str]:
    """What this page tells this person that it must not; `refs` False where the reference stood in the address."""
    wrong = []
    for case in found.cases.values():
        wrong += [f"{who} {url}: {word}" for word in case.unseen_by(who) if word in page]
        knows = who in case.readers | case.refs or not refs
        if not knows and not url.startswith(TRAIL) and re.search(rf"EC-{case.pk}\b", page):
            wrong.append(f"{who} {url}: {case.ref}")
    return wrong


def pages(found: Secrets) -> Iterator[str]:
    """Every address that anybody may open, with the rows of the matrix."""
    for name, row in MATRIX.items():
        if ":" in name and 200 in row.get:
            yield reverse(name, kwargs=found.made.args[row.args] if row.args else None)


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
            assert (case.word("internal") in page) == (who in case.inside), who
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


def same(page: str, ref: str) -> str:
    """A page without what differs from one request to the next."""
    page = re.sub(r"[0-9a-f]{32}|[A-Za-z0-9]{64}|nonce-[\w+/=]+|\d\d:\d\d(:\d\d\.\d+)?", "*", page)
    return page.replace(ref, "EC-?").replace(ref.lower(), "EC-?")


def test_a_hidden_case_answers_like_one_that_does_not_exist(found: Secrets) -> None:
    absent = "EC-987654"
    for case, part in itertools.product(found.cases.values(), (*CASE_PARTS, "note/", "watch/")):
        for who in set(CURIOUS if not part else ("manager", "lead", "foreign_lead", "administrator")) - case.readers:
            for method in ["get"] if not part else ["post"] if part in ("note/", "watch/") else ["get", "post"]:
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


# -- doors through which something is written

_SEVERE = {"impact": Impact.values[0], "urgency": Urgency.values[0], "override": "1", "override_reason": "Because"}


def writes(found: Secrets, case: Hidden) -> dict[str, dict[str, Any]]:
    """A valid form for every door of a case."""
    version, users = str(Case.objects.get(pk=case.pk).version), found.made.world.users
    entry = TimelineEntry.objects.filter(case=case.pk, body__isnull=False).order_by("pk")[0]
    other = found.made.world.other_service.pk
    return {
        "assign/": {"owner": str(users["associate"].pk), "version": version},
        "severity/": {**_SEVERE, "version": version},
        "state/": {"verb": "start", "version": version},
        "contact/": {
            "channel": Channel.values[0],
            "direction": Direction.OUTBOUND.value,
            "outcome": "reached",
            "text": "Said",
        },
        "escalate/": {"reason": "Because"},
        "details/": {"subject": "Another", "version": version},
        "service/": {"service": str(other), "version": version},
        "sensitivity/": {"sensitivity": "confidential", "reason": "Because", "version": version},
        "note/": {"text": "Said", "shared": "1"},
        "watch/": {"watch": "1"},
        "access/": {"user": str(users["coordinator"].pk), "reason": "Because"},
        f"entries/{entry.pk}/remove/": {},
    }


def state_of_everything() -> tuple[object, ...]:
    """All that a door could change."""
    return (
        list(Case.objects.order_by("pk").values_list("pk", "version", "updated_at", "owner", "subject", "sensitivity")),
        TimelineEntry.objects.count(),
        list(EntryBody.objects.order_by("pk").values_list("pk", "text")),
        list(CaseGrant.objects.order_by("pk").values_list("pk", "revoked_at", "reviewed_at")),
        list(Watcher.objects.order_by("pk").values_list("case", "user")),
    )


WORKERS = {"coordinator", "manager", "stand_in", "associate", "service_lead", "stand_in_of_service_lead"}
WORKERS |= {"other_associate", "foreign_coordinator"}


def may_write(case: Hidden, who: str, part: str) -> bool:
    """Whether the guide lets this person through this door, as far as it is sure; else nothing is asserted."""
    if part in ("note/", "watch/"):
        return who in case.readers - {"administrator", "auditor"}
    if part == "access/":
        return who == "service_lead"
    return who in case.readers & WORKERS


def test_no_door_opens_to_a_stranger_or_a_mere_reader(found: Secrets) -> None:
    before = state_of_everything()
    wrong = []
    for case in found.cases.values():
        for part, data in writes(found, case).items():
            for who in found.people:
                if may_write(case, who, part):
                    continue
                answer = found.clients[who].post(f"/cases/{case.ref}/{part}", data, headers=HTMX)
                wanted = (
                    {403}
                    if who in case.readers and part != "access/"
                    else {204 if who in (ANONYMOUS, "deactivated") else 404}
                )
                if answer.status_code not in wanted:
                    wrong.append(f"{who} {case.key} {part}: {answer.status_code}")
                wrong += leaks(found, who, answer.content.decode(), part, refs=False)
    assert wrong == []
    assert state_of_everything() == before


def test_a_form_of_yesterday_shows_nothing_to_those_who_may_not_fill_it(found: Secrets) -> None:
    case = found.cases["standard"]
    for who in ("lead", "qa", "auditor", "administrator"):
        for part in ("assign/", "severity/", "state/", "details/", "service/", "sensitivity/"):
            for headers in ({}, HTMX):
                answer = found.clients[who].post(f"/cases/{case.ref}/{part}", {"version": "9999"}, headers=headers)
                assert answer.status_code == 403, (who, part)
                assert "Associate (" not in answer.content.decode()


def test_the_doors_do_open_to_those_who_may(found: Secrets) -> None:
    case = found.cases["standard"]
    for part, data in writes(found, case).items():
        if part == "access/":
            continue
        before = state_of_everything()
        with transaction.atomic():
            answer = found.clients["coordinator"].post(f"/cases/{case.ref}/{part}", data)
            assert answer.status_code == 302, (part, answer.content.decode())
            # The coordinator watches already.
            assert (state_of_everything() != before) == (part != "watch/")
            transaction.set_rollback(True)


BULK = {
    "assign": {"owner": ""},
    "severity": _SEVERE,
    "state": {"verb": "start"},
    "escalate": {"reason": "Because"},
}


def test_bulk_changes_nothing_out_of_sight_and_says_the_same_as_for_nothing(found: Secrets) -> None:
    hidden = [case for case in found.cases.values() if "stand_in" not in case.readers]
    before = state_of_everything()
    for op, data in BULK.items():
        for headers in ({}, HTMX):
            form = {"op": op, **data, "case": [str(case.pk) for case in hidden] + ["987654"]}
            answer = found.clients["stand_in"].post("/queue/bulk/", form, headers=headers)
            page = answer.content.decode()
            assert leaks(found, "stand_in", page, "bulk", refs=False) == []
            # One line for each, the same words in all.
            lines = [line for line in page.splitlines() if re.search(r"EC-\d+", line)]
            assert answer.status_code == 200, op
            assert page.count("EC-987654") == page.count(hidden[0].ref)
            assert len({re.sub(r"EC-\d+", "EC-?", line) for line in lines if "987654" in line}) == len(
                {re.sub(r"EC-\d+", "EC-?", line) for line in lines if re.search("|".join(c.ref for c in hidden), line)}
            )
    assert state_of_everything() == before


def test_bulk_offers_no_people_of_cases_out_of_sight(found: Secrets) -> None:
    picked = {"op": "assign", "case": [str(case.pk) for case in found.cases.values()]}
    page = text_of(found.clients["stand_in"], "/queue/bulk/", picked)
    assert "Other Associate" not in page
    assert leaks(found, "stand_in", page, "bulk", refs=False) == []


def test_an_owner_service_or_site_from_elsewhere_is_no_choice(found: Secrets) -> None:
    world, case = found.made.world, found.cases["standard"]
    before = state_of_everything()
    version = str(Case.objects.get(pk=case.pk).version)
    for other in ("foreign_lead", "foreign_coordinator", "lead", "agent", "auditor", "it", "deactivated", "former"):
        form = {"owner": str(world.users[other].pk), "version": version}
        assert found.clients["coordinator"].post(f"/cases/{case.ref}/assign/", form).status_code == 422, other
    new = {
        "token": "6d0a5b1c-0000-4000-8000-000000000000",
        "subject": "Planted",
        "description": "Words",
        "service": str(world.service.pk),
        "site": str(world.other_site.pk),
        "channel": "phone",
        "impact": Impact.values[0],
        "urgency": Urgency.values[0],
    }
    for who in ("coordinator", "manager", "lead", "agent", "stand_in"):
        assert found.clients[who].post("/cases/new/", new).status_code == 422, who
    elsewhere = {**new, "service": str(world.other_service.pk), "site": ""}
    assert found.clients["associate"].post("/cases/new/", elsewhere).status_code == 422
    assert state_of_everything() == before


def test_partner_users_cannot_raise_a_sensitive_or_overridden_case(found: Secrets) -> None:
    world = found.made.world
    for who in ("lead", "agent"):
        form = {
            "token": "6d0a5b1c-0000-4000-8000-00000000000" + str(len(who)),
            "subject": f"By {who}",
            "description": "Words",
            "service": str(world.service.pk),
            "site": str(world.site.pk),
            "channel": "phone",
            "impact": Impact.values[0],
            "urgency": Urgency.values[0],
            "sensitivity": "restricted",
            "override": "4",
            "override_reason": "Because",
        }
        assert found.clients[who].post("/cases/new/", form).status_code == 302
        made = Case.objects.get(subject=f"By {who}")
        assert (made.sensitivity, made.severity_overridden) == ("standard", False)


def test_an_undo_belongs_to_one_person(found: Secrets) -> None:
    from escalations.views.operate import undo_url_for

    world, case = found.made.world, found.cases["standard"]
    done = actions.assign(actor=world.actor("coordinator"), ref=case.pk, owner_id=world.users["associate"].pk)

    request = HttpRequest()
    vars(request)["actor"] = actor_for(world.users["coordinator"])
    url = undo_url_for(request, done.undo)
    assert url is not None
    before = state_of_everything()
    for who in set(found.people) - {"coordinator"}:
        assert found.clients[who].post(url).status_code in (302, 404), who
    forged = url[:-3] + ("aaa" if not url.endswith("aaa") else "bbb")
    assert found.clients["coordinator"].post(forged).status_code == 404
    assert state_of_everything() == before
    # Its own person, once the case is out of their sight.
    with transaction.atomic():
        actions.set_sensitivity(actor=world.actor("service_lead"), ref=case.pk, sensitivity="confidential")
        assert found.clients["coordinator"].post(url).status_code == 404
        transaction.set_rollback(True)
    assert found.clients["coordinator"].post(url).status_code == 302
    assert Case.objects.get(pk=case.pk).owner_id is None


def test_breaking_the_glass_answers_alike_for_all_that_is_not_there(found: Secrets) -> None:
    """A restricted case outside one's scope, one that is not restricted, and none at all."""
    refs = {"restricted": found.cases["restricted"].ref, "others": found.cases["others"].ref, "absent": "EC-987654"}
    before = CaseGrant.objects.count()
    pages_of = {
        key: same(
            found.clients["foreign_coordinator"]
            .post("/break-glass/", {"ref": ref, "reason": "Danger"})
            .content.decode(),
            ref,
        )
        for key, ref in refs.items()
    }
    assert len(set(pages_of.values())) == 1
    assert CaseGrant.objects.count() == before


def test_a_clock_of_a_hidden_case_is_not_there(found: Secrets) -> None:
    from sla.models import Clock

    for case in found.cases.values():
        for clock in Clock.objects.filter(subject_kind="case", subject_id=case.pk):
            for who in set(found.people) - case.readers - {ANONYMOUS, "deactivated"}:
                assert found.clients[who].get(f"/sla/clocks/{clock.pk}/explain/").status_code == 404, (who, case.key)
                url = f"/cases/{found.cases['foreign'].ref}/clocks/{clock.pk}/acknowledge/"
                assert found.clients[who].post(url).status_code in (403, 404)


def test_an_entry_is_reached_through_its_own_case_only(found: Secrets) -> None:
    entry = TimelineEntry.objects.filter(case=found.cases["confidential"].pk, body__isnull=False).order_by("pk")[0]
    before = state_of_everything()
    for method in ("get", "post"):
        ask = getattr(found.clients["coordinator"], method)
        assert ask(f"/cases/{found.cases['standard'].ref}/entries/{entry.pk}/remove/").status_code == 404
    internal = TimelineEntry.objects.get(case=found.cases["standard"].pk, code="note.added", is_internal=True)
    assert (
        found.clients["lead"].get(f"/cases/{found.cases['standard'].ref}/entries/{internal.pk}/remove/").status_code
        == 404
    )
    assert state_of_everything() == before


# -- inbox and mail


def told(found: Secrets) -> None:
    """Something happens to every case; what was queued is handed round."""
    while fan_out_batch():
        pass


def test_inbox_and_mails_name_nothing_out_of_sight(found: Secrets) -> None:
    from portal.notifications.models import OutboxRow
    from portal.notifications.tasks import send

    for case in Case.objects.filter(pk__in=[one.pk for one in found.cases.values()]):
        with transaction.atomic():
            Case.objects.filter(pk=case.pk).update(escalation_level=0)
        from portal.accounts.rules import SYSTEM

        actions.escalate(actor=SYSTEM, ref=case.pk, reason="Because")
    told(found)
    OutboxRow.objects.update(not_before="2020-01-01T00:00Z", next_attempt_at="2020-01-01T00:00Z")
    send()
    wrong = []
    for who, client in found.clients.items():
        if who in (ANONYMOUS, "deactivated"):
            continue
        wrong += leaks(found, who, text_of(client, "/inbox/", {"show": "all"}), "/inbox/")
        for mail in DemoMail.objects.filter(to=found.made.world.users[who].email):
            wrong += leaks(found, who, f"{mail.subject}\n{mail.text}\n{mail.html}", "mail")
    assert wrong == []
    assert DemoMail.objects.exists()


def test_a_line_about_several_cases_counts_only_those_in_sight(found: Secrets) -> None:
    """The manager was told of several breaches; some of the cases are none of theirs any more."""
    world, cases = found.made.world, found.cases
    hidden, other, seen = (cases[key].pk for key in ("confidential", "others", "standard"))
    for number, subjects in enumerate(([hidden, other, seen], [seen, hidden], [hidden, other])):
        NotificationFactory(
            recipient=world.users["manager"],
            kind="case.clock_breached",
            tick=f"tick-{number}",
            params={"ref": f"EC-{subjects[0]}", "metric": "resolution"},
            subject_ids=subjects,
            count=len(subjects),
            url="/queue/?tab=breached",
        )
    page = text_of(found.clients["manager"], "/inbox/", {"show": "all"})
    assert leaks(found, "manager", page, "/inbox/") == []
    assert "1 clock breached" in page
    assert f"EC-{seen}: resolution breached" in page
    assert not re.search(r"[23] clocks breached", page)
