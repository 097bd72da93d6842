"""Merging as people meet it: the form, the page of the one that ended, the stream of the one that goes on."""

import re
from datetime import datetime

import pytest
from django.test import Client

from escalations import actions
from escalations.models import Case
from portal.accounts.rules import SYSTEM
from tests.escalations.pages_world import HTMX, World, world
from tests.factories.statutory import jurisdiction_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> World:
    return world()


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def ask(client: Client, source: Case, target: str, *, seen: str = "", reason: str = "", **headers: str) -> object:
    data = {"version": source.version, "target": target, "seen": seen, "reason": reason}
    return client.post(f"/cases/{source.ref}/merge/", data, headers=headers)


def test_the_reference_then_both_cases_then_the_reason(made: World) -> None:
    source = made.case("Locked out", customer_ref="C-1")
    target = made.case("Locked out again", customer_ref="C-2", sensitivity="standard")
    client = made.client("associate")
    page = text(client.get(f"/cases/{source.ref}/"))
    assert f"/cases/{source.ref}/merge/" in page
    first = text(client.get(f"/cases/{source.ref}/merge/"))
    assert 'class="btn btn--primary">Show both' in first
    assert "Why they are one matter" not in first
    shown = ask(client, source, f" {target.ref.lower()} ")
    page = text(shown)
    assert shown.status_code == 422
    for words in ("Locked out again", "C-1", "C-2", "goes on", "ends", "Merge for good", "Why they are one matter"):
        assert words in page, words
    assert 'role="alert"' not in page
    assert "becomes as sensitive" not in page
    assert "Say why." in text(ask(client, source, target.ref, seen=target.ref))
    assert Case.objects.filter(state="merged").count() == 0
    done = ask(client, source, target.ref, seen=target.ref, reason="The same guest")
    assert (done.status_code, done.url) == (302, f"/cases/{target.ref}/")
    assert f"{source.ref} merged into {target.ref}" in text(client.get(done.url))
    source.refresh_from_db()
    assert (source.state, source.merged_into_id) == ("merged", target.pk)


def test_the_preview_warns_of_two_customers_and_names_the_deadlines_that_go_along(made: World) -> None:
    source, target = made.case("One", customer_ref="C-1"), made.case("Two", customer_ref="C-2")
    alike, unnamed = made.case("Three", customer_ref=" c-1"), made.case("Four")
    client = made.client("associate")
    warned = text(ask(client, source, target.ref))
    assert "two different customers" in warned
    assert 'class="btn btn--danger">Merge for good' in warned
    assert "Deadlines by law that go along" not in warned
    for other in (alike, unnamed):
        assert "two different customers" not in text(ask(client, source, other.ref))
    law = jurisdiction_with(ack=8, final=56, zone="Pacific/Honolulu")
    received = datetime.fromisoformat("2025-01-06T20:30:00+00:00")
    actions.regulate(actor=made.actor("associate"), ref=source.pk, jurisdiction_id=law.pk, received_at=received)
    source.refresh_from_db()
    page = text(ask(client, source, alike.ref))
    assert "Acknowledgement by law: 14 Jan 2025, 23:59 Pacific/Honolulu" in page
    assert "Deadlines by law that go along" in page
    assert "Deadlines by law that go along" not in text(ask(client, alike, source.ref)), (
        "those of the survivor stay there"
    )


def test_a_case_that_was_not_looked_at_is_shown_first(made: World) -> None:
    source, target, other = made.case("One"), made.case("Two"), made.case("Three")
    client = made.client("associate")
    page = text(ask(client, source, other.ref, seen=target.ref, reason="Same", **HTMX))
    assert "Three" in page
    assert "Same" in page
    assert not Case.objects.filter(state="merged").exists()
    response = ask(client, source, other.ref, seen=other.ref, reason="Same", **HTMX)
    assert response.headers["HX-Redirect"] == f"/cases/{other.ref}/"


def test_what_does_not_fit_is_said_kindly(made: World) -> None:
    source, hidden = made.case("One"), made.case("Zebra", service_id=made.other_service.pk, site_id=made.other_site.pk)
    done, merged, target = made.case("Two"), made.case("Three"), made.case("Four")
    actions.set_state(actor=SYSTEM, ref=done.pk, verb="resolve")
    actions.merge(actor=SYSTEM, source=merged.ref, target=target.ref, reason="Same")
    client = made.client("associate")
    missing = "There is no such case, or it is not yours to see."
    wrong = {
        "nonsense": "Type a reference like EC-20418.",
        "EC-0": missing,
        "EC-999999": missing,
        hidden.ref: missing,
        source.ref: "A case cannot be merged into itself.",
        done.ref: "That case is resolved or has ended.",
        merged.ref: f"That case was merged into {target.ref}. Choose {target.ref} instead.",
    }
    for ref, words in wrong.items():
        page = text(ask(client, source, ref, **HTMX))
        assert words in page, ref
        assert "Zebra" not in page
        assert "merge-preview" not in page


def test_the_preview_says_what_becomes_confidential(made: World) -> None:
    source, target = made.case("One"), made.case("Two")
    actions.set_sensitivity(actor=SYSTEM, ref=source.pk, sensitivity="confidential")
    source.refresh_from_db()
    page = text(ask(made.client("associate"), source, target.ref))
    assert f"{target.ref} becomes as sensitive as the case that ends: Confidential." in page


def test_the_merged_case_points_on_to_those_who_may_see_where(made: World) -> None:
    source = made.case("One", by="lead")
    target = made.case("Two", site_id=made.other_site.pk)
    actions.merge(actor=SYSTEM, source=source.ref, target=target.ref, reason="The same guest")
    page = text(made.client("associate").get(f"/cases/{source.ref}/"))
    assert f'This case was merged into <a href="/cases/{target.ref}/">{target.ref}</a>.' in page
    for who in ("lead", "coordinator"):
        page = text(made.client(who).get(f"/cases/{source.ref}/"))
        assert "This case was merged into another one." in page
        assert target.ref not in page
        for path in ("assign", "state", "note", "contact", "escalate", "merge", "watch"):
            assert f"/cases/{source.ref}/{path}/" not in page, path
        assert "Merged into another case" in page
    assert source.ref not in text(made.client("associate").get("/queue/"))
    assert source.ref in text(made.client("associate").get("/queue/", {"state": "merged"}))
    assert source.ref in text(made.client("associate").get("/search/", {"q": source.ref}))


def test_the_survivor_reads_both_marked_and_each_by_its_own_rules(made: World) -> None:
    here = made.case("One", description="zqherebody")
    there = made.case("Two", description="zqtherebody", site_id=made.other_site.pk)
    target = made.case("Three", description="zqtargetbody")
    for case, name in ((here, "here"), (there, "there"), (target, "target")):
        for shared in (True, False):
            actions.add_note(actor=SYSTEM, ref=case.pk, text=f"zq{name}{shared}", shared=shared)
    for case in (here, there):
        actions.merge(actor=SYSTEM, source=case.ref, target=target.ref, reason=f"zqreason{case.pk}")
    words = {n: {f"zq{n}body", f"zq{n}True", f"zq{n}False"} for n in ("here", "there", "target")}
    reasons = {f"zqreason{here.pk}", f"zqreason{there.pk}"}
    seen = {
        "associate": words["here"] | words["there"] | words["target"] | reasons,
        "coordinator": words["here"] | words["target"] | {f"zqreason{here.pk}"},
        "lead": {"zqherebody", "zqhereTrue", "zqtargetbody", "zqtargetTrue"},
    }
    for who, wanted in seen.items():
        page = text(made.client(who).get(f"/cases/{target.ref}/"))
        assert set(re.findall(r"zq(?:here|there|target|reason)\w+", page)) == wanted, who
        assert f'<a class="badge" href="/cases/{here.ref}/">{here.ref}</a>' in page
        assert f"{here.ref} was merged into this case" in page
        assert (there.ref in page) == (who == "associate")
        assert "another case was merged" not in page.lower()


def test_words_of_a_merged_case_are_removed_where_they_stand(made: World) -> None:
    source, target = made.case("One"), made.case("Two")
    entry = actions.add_note(actor=made.actor("service_lead"), ref=source.pk, text="zqsecret", shared=False)
    actions.merge(actor=SYSTEM, source=source.ref, target=target.ref, reason="Same")
    client = made.client("service_lead")
    assert client.post(f"/cases/{target.ref}/entries/{entry.pk}/remove/", {"sure": "on"}).status_code == 404
    assert f"/entries/{entry.pk}/remove/" in text(client.get(f"/cases/{source.ref}/"))
    assert f"/entries/{entry.pk}/remove/" not in text(client.get(f"/cases/{target.ref}/"))
    actions.redact_entry(actor=made.actor("service_lead"), ref=source.pk, entry_id=entry.pk)
    assert "zqsecret" not in text(client.get(f"/cases/{target.ref}/"))


def test_the_page_of_a_survivor_costs_the_same_with_more_merged_into_it(made: World, monkeypatch: object) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    target, client = made.case("One"), made.client("associate")

    def cost() -> int:
        actions.merge(actor=SYSTEM, source=made.case("More").ref, target=target.ref, reason="Same")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(f"/cases/{target.ref}/")
        return len(asked)

    cost()
    assert cost() == cost()
