"""Links of cases: who may, what stands on both, what the database refuses, and what is absent for whom."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404

from escalations import queries
from escalations.actions import Refused, link_cases, merge, set_state, tell_apart, unlink
from escalations.actions.coming_in import heir_of, link
from escalations.choices.links import Said
from escalations.models import Case, CaseDifference, CaseLink, Service
from escalations.queries.linking import linked_cases, told_apart
from partners.models import Site
from portal.accounts.models import User
from portal.accounts.rules import Actor
from portal.audit.models import AuditEntry
from tests.factories.api import Program
from tests.factories.escalations import CaseFactory, ServiceFactory, actor, associate, coordinator, hold
from tests.factories.partners import SiteFactory


@pytest.fixture
def pair(service: Service, site: Site) -> tuple[Case, Case]:
    return CaseFactory(service=service, site=site), CaseFactory(service=service, site=site)


def fresh(case: Case) -> Case:
    return Case.objects.select_related("site", "service").get(pk=case.pk)


def said(who: Actor, case: Case) -> list[str]:
    """What the stream of a case says of others, to somebody."""
    rows = queries.entries_visible_to(who, fresh(case)).filter(kind="link")
    return [line.sentence for line in queries.entry_lines(rows, reader=who)]


def test_a_link_stands_on_both_and_in_the_trail(pair: tuple[Case, Case]) -> None:
    one, two = pair
    someone = coordinator(one.site)
    link_cases(actor=someone, ref=two.ref, other=one.ref, said="duplicate")
    link = CaseLink.objects.get()
    assert (link.case_a_id, link.case_b_id, link.kind, link.b_follows) == (one.pk, two.pk, "duplicate", None)
    assert (link.by_id, link.ended_at) == (someone.user_id, None)
    assert said(someone, one) == [f"Linked as a duplicate of {two.ref}"]
    assert said(someone, two) == [f"Linked as a duplicate of {one.ref}"]
    assert [(one.case.pk, one.said) for one in linked_cases(someone, fresh(one))] == [(two.pk, "duplicate")]
    events = AuditEntry.objects.filter(verb="case.linked").values_list("subject_id", "changes__other")
    assert set(events) == {(one.pk, two.pk), (two.pk, one.pk)}


def test_who_changed_a_case_last_is_not_who_linked_it(pair: tuple[Case, Case]) -> None:
    one, two = pair
    mover = coordinator(one.site)
    set_state(actor=mover, ref=one.ref, verb="triage")
    before = queries.last_change(fresh(one))
    link_cases(actor=coordinator(one.site), ref=one.ref, other=two.ref, said="related")
    assert before is not None
    assert before.actor_id == mover.user_id
    assert queries.last_change(fresh(one)) == before


@pytest.mark.parametrize(("way", "b_follows"), [("follows", False), ("followed", True)])
def test_a_follow_on_knows_which_came_first(pair: tuple[Case, Case], way: str, b_follows: bool) -> None:
    one, two = pair
    someone = coordinator(one.site)
    link_cases(actor=someone, ref=one.ref, other=two.ref, said=way)
    assert CaseLink.objects.get().b_follows is b_follows
    there = {"follows": "followed", "followed": "follows"}[way]
    assert [x.said for x in linked_cases(someone, fresh(one))] == [way]
    assert [x.said for x in linked_cases(someone, fresh(two))] == [there]


def test_what_cannot_be_linked(pair: tuple[Case, Case], service: Service) -> None:
    one, two = pair
    someone = coordinator(one.site)
    for ref, other, code in ((one, one, "link_to_itself"),):
        with pytest.raises(Refused) as no:
            link_cases(actor=someone, ref=ref.ref, other=other.ref, said="related")
        assert no.value.code == code
    link_cases(actor=someone, ref=one.ref, other=two.ref, said="related")
    with pytest.raises(Refused) as no:
        link_cases(actor=someone, ref=two.ref, other=one.ref, said="duplicate")
    assert no.value.code == "already_linked"
    with pytest.raises(Refused) as no:
        link_cases(actor=someone, ref=two.ref, other=one.ref, said="cousin")
    assert no.value.code == "unknown_value"
    assert CaseLink.objects.count() == 1


def test_only_who_works_both_links_them(pair: tuple[Case, Case], service: Service, site: Site) -> None:
    one, two = pair
    hidden = CaseFactory(service=ServiceFactory(), site=SiteFactory(), sensitivity="confidential")
    for someone in (actor("auditor"), actor("partner_lead", site=site)):
        with pytest.raises(Refused):
            link_cases(actor=someone, ref=one.ref, other=two.ref, said="related")
    for absent in (hidden.ref, "EC-99999999", "nonsense"):
        with pytest.raises(Http404):
            link_cases(actor=coordinator(site), ref=one.ref, other=absent, said="related")
    assert not CaseLink.objects.exists()


def test_a_link_is_removed_once_and_can_be_made_again(pair: tuple[Case, Case]) -> None:
    one, two = pair
    someone = coordinator(one.site)
    link_cases(actor=someone, ref=one.ref, other=two.ref, said="related")
    link = CaseLink.objects.get()
    unlink(actor=someone, ref=two.ref, link_id=link.pk)
    link.refresh_from_db()
    assert link.ended_by_id == someone.user_id
    assert linked_cases(someone, fresh(one)) == []
    assert said(someone, one) == [f"Linked to {two.ref}", f"No longer linked to {two.ref}"]
    with pytest.raises(Refused) as no:
        unlink(actor=someone, ref=one.ref, link_id=link.pk)
    assert no.value.code == "link_ended"
    link_cases(actor=someone, ref=one.ref, other=two.ref, said="duplicate")
    assert len(linked_cases(someone, fresh(two))) == 1


def test_a_link_to_a_case_out_of_sight_is_absent(service: Service, site: Site) -> None:
    """The member of both services sees the pair; the coordinator sees one half, and no trace of the other."""
    open_one = CaseFactory(service=service, site=site)
    closed = CaseFactory(service=service, site=site, sensitivity="restricted")
    member, outsider = associate(service), coordinator(site)
    hold(closed, member)
    link_cases(actor=member, ref=open_one.ref, other=closed.ref, said="duplicate")
    assert said(member, open_one) == [f"Linked as a duplicate of {closed.ref}"]
    assert said(outsider, open_one) == []
    assert linked_cases(outsider, fresh(open_one)) == []
    with pytest.raises(Http404):
        unlink(actor=outsider, ref=open_one.ref, link_id=CaseLink.objects.get().pk)
    assert CaseLink.objects.get().ended_at is None


def test_a_case_that_follows_a_restricted_one_does_not_say_so(service: Service, site: Site) -> None:
    """Nobody sees the old one any more, so the new one is confidential: its members read what the customer wrote, no more."""
    old = CaseFactory(service=service, site=site, sensitivity="restricted")
    heir = heir_of(fresh(old))
    new = CaseFactory(service=service, site=site, sensitivity=heir.sensitivity)
    link(new, fresh(old), heir)
    member = associate(service)
    token = Program(User.objects.get(pk=member.user_id))
    assert (new.sensitivity, said(member, new)) == ("confidential", [])
    assert {row["kind"] for row in token.get(f"/cases/{new.ref}/entries").json()["items"]} == {"opened"}
    hold(old, member)
    assert said(member, new) == [f"The customer wrote again after {old.ref} had ended"]
    [row] = [row for row in token.get(f"/cases/{new.ref}/entries").json()["items"] if row["kind"] == "link"]
    assert (row["code"], row["says"]) == ("link.follows", said(member, new)[0])


def test_links_of_a_merged_case_show_on_the_one_that_goes_on(pair: tuple[Case, Case], service: Service) -> None:
    one, two = pair
    three = CaseFactory(service=service, site=one.site)
    someone = coordinator(one.site)
    link_cases(actor=someone, ref=one.ref, other=three.ref, said="related")
    merge(actor=someone, source=one.ref, target=two.ref, reason="One matter")
    assert [x.case.pk for x in linked_cases(someone, fresh(two))] == [three.pk]
    with pytest.raises(Refused) as no:
        link_cases(actor=someone, ref=one.ref, other=two.ref, said="related")
    assert no.value.code == "merged"


def test_two_that_are_not_the_same_stay_told_apart(pair: tuple[Case, Case]) -> None:
    one, two = pair
    someone = coordinator(one.site)
    for ref, other in ((two, one), (one, two), (two, one)):
        tell_apart(actor=someone, ref=ref.ref, other=other.ref)
    assert CaseDifference.objects.values_list("case_a", "case_b", "by").get() == (one.pk, two.pk, someone.user_id)
    assert told_apart(one) == {two.pk}
    assert AuditEntry.objects.filter(verb="case.told_apart").count() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO escalations_caselink (case_a_id, case_b_id, kind, at) VALUES (%(b)s, %(a)s, 'related', now())",
        "INSERT INTO escalations_caselink (case_a_id, case_b_id, kind, at) VALUES (%(a)s, %(a)s, 'related', now())",
        "INSERT INTO escalations_caselink (case_a_id, case_b_id, kind, at) VALUES (%(a)s, %(b)s, 'cousin', now())",
        "INSERT INTO escalations_caselink (case_a_id, case_b_id, kind, at) VALUES (%(a)s, %(b)s, 'follow_on', now())",
        "INSERT INTO escalations_caselink (case_a_id, case_b_id, kind, b_follows, at) VALUES (%(a)s, %(b)s, 'related', true, now())",
        "INSERT INTO escalations_caselink (case_a_id, case_b_id, kind, at) SELECT %(a)s, %(b)s, 'related', now() FROM generate_series(1, 2)",
        "INSERT INTO escalations_caselink (case_a_id, case_b_id, kind, at, ended_by_id) VALUES (%(a)s, %(b)s, 'related', now(), %(u)s)",
        "INSERT INTO escalations_casedifference (case_a_id, case_b_id, at) VALUES (%(b)s, %(a)s, now())",
        "INSERT INTO escalations_casedifference (case_a_id, case_b_id, at) SELECT %(a)s, %(b)s, now() FROM generate_series(1, 2)",
        "INSERT INTO escalations_carriedentry (case_id, entry_id) SELECT %(b)s, %(e)s FROM generate_series(1, 2)",
    ],
)
def test_what_the_database_refuses(pair: tuple[Case, Case], statement: str) -> None:
    one, two = pair
    values = {"a": one.pk, "b": two.pk, "u": coordinator(one.site).user_id, "e": one.entries.order_by("pk")[0].pk}
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE escalations_caselink SET kind = 'duplicate'",
        "UPDATE escalations_caselink SET at = now()",
        "DELETE FROM escalations_caselink",
        "UPDATE escalations_casedifference SET at = now()",
        "DELETE FROM escalations_casedifference",
    ],
)
def test_what_was_said_stays(pair: tuple[Case, Case], change: str) -> None:
    one, two = pair
    someone = coordinator(one.site)
    link_cases(actor=someone, ref=one.ref, other=two.ref, said=Said.RELATED)
    tell_apart(actor=someone, ref=one.ref, other=two.ref)
    with pytest.raises(IntegrityError, match="refused"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_an_ended_link_does_not_end_again(pair: tuple[Case, Case]) -> None:
    one, two = pair
    someone = coordinator(one.site)
    link_cases(actor=someone, ref=one.ref, other=two.ref, said="related")
    unlink(actor=someone, ref=one.ref, link_id=CaseLink.objects.get().pk)
    with pytest.raises(IntegrityError, match="refused"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE escalations_caselink SET ended_at = now()")
