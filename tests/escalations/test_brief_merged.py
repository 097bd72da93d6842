"""Briefs of a case that others were merged into: of its own facts alone, and guarded by the names of all of them."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escalations import actions
from escalations.models import Case, CaseFact
from escalations.queries import briefs as known
from escalations.rules.briefs.building import Exposure
from portal.accounts.rules import SYSTEM
from tests.escalations.pages_world import World, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> World:
    return world()


def taken_in(here: World) -> Case:
    """A case that goes on for two others, one by way of the other, each with a customer and colleagues of its own."""
    case = here.case(customer_ref="GUEST-1")
    other = here.case(customer_ref="GUEST-88", contact_hint="the lobby desk", by="agent")
    earlier = here.case(customer_ref="GUEST-99")
    actions.keep_card(
        actor=here.actor("associate"), ref=other.pk, values={"preferred_name": "Wu Mei", "through": "Aunt Lan"}, source="customer"
    )  # fmt: skip
    actions.keep_card(actor=here.actor("manager"), ref=earlier.pk, values={"preferred_name": "吴梅"}, source="customer")
    for source, target in ((earlier, other), (other, case)):
        actions.merge(actor=here.actor("service_lead"), source=source.pk, target=target.pk, reason="One matter")
    return Case.objects.get(pk=case.pk)


PLAIN = actions.Writing("en", situation="What happened", neutral="A guest was left without a room.")


@pytest.mark.parametrize(
    "said",
    [
        replace(PLAIN, neutral="Wu Mei was left without a room."),
        replace(PLAIN, neutral="Guest-88 was left without a room."),
        replace(PLAIN, neutral="Say it at the lobby desk."),
        replace(PLAIN, neutral="客人吴梅没有房间"),
        replace(PLAIN, next_step="Ask Aunt Lan"),
        replace(PLAIN, next_step="Ask Manager"),
        replace(PLAIN, next_step="Ask Agent"),
        replace(PLAIN, exposure=Exposure(legal="claim", legal_words="GUEST-99 has a lawyer")),
    ],
)
def test_no_name_of_a_merged_case_leaves_the_house(here: World, said: actions.Writing) -> None:
    case = taken_in(here)
    with pytest.raises(actions.Refused) as no:
        actions.write_brief(actor=here.actor("associate"), ref=case.pk, writing=said)
    assert no.value.code == "brief_names"
    assert not known.briefs_of(case).exists()


def test_a_fact_that_names_a_merged_cases_customer_is_not_open(here: World) -> None:
    case = taken_in(here)
    for key, text in (("safety", "Wu Mei is safe"), ("tried", "The desk was called")):
        actions.record_fact(actor=here.actor("associate"), ref=case.pk, key=key, text=text, source="checked")
    facts = [one.entry for one in known.facts_for_brief(case)]
    assert len(facts) == 2, "its own alone"
    brief = actions.write_brief(actor=here.actor("associate"), ref=case.pk, writing=replace(PLAIN, facts=facts))
    content = known.content_of(brief)[0]
    assert [(row["key"], row["open"]) for row in content["known"]] == [("safety", False), ("tried", True)]


def test_a_name_out_of_sight_is_guarded_as_well(here: World) -> None:
    case, hidden = here.case(), here.case(service_id=here.other_service.pk, site_id=here.other_site.pk)
    actions.keep_card(actor=SYSTEM, ref=hidden.pk, values={"preferred_name": "Wu Mei"}, source="customer")
    actions.merge(actor=SYSTEM, source=hidden.pk, target=case.pk, reason="One matter")
    with pytest.raises(actions.Refused) as no:
        actions.write_brief(
            actor=here.actor("associate"), ref=case.pk, writing=replace(PLAIN, neutral="Wu Mei has no room")
        )
    assert no.value.words == {"names": "Wu Mei"}, "nothing but what was typed"
    form = here.client("associate").get(f"/cases/{case.ref}/briefs/new/").content.decode()
    assert "Wu Mei" not in form


def test_many_merged_cases_cost_what_none_costs(here: World) -> None:
    case = here.case()

    def cost() -> int:
        with CaptureQueriesContext(connection) as caught:
            known.marks_of(case)
        return len(caught)

    before = cost()
    for number in range(4):
        other = here.case(customer_ref=f"GUEST-{number}")
        actions.keep_card(actor=SYSTEM, ref=other.pk, values={"preferred_name": f"Name {number}"}, source="customer")
        actions.merge(actor=SYSTEM, source=other.pk, target=case.pk, reason="One matter")
    assert cost() == before
    assert {f"GUEST-{n}" for n in range(4)} | {f"Name {n}" for n in range(4)} <= set(known.marks_of(case))
    assert CaseFact.objects.filter(case=case).count() == 0
