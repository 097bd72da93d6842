"""Briefs of a case that others were merged into: of its own facts alone, and guarded by the names of all of them."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escalations import actions
from escalations.models import BriefCopy, BriefWord, Case, CaseFact
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


@pytest.mark.parametrize("level", ["internal", "outside"])
@pytest.mark.parametrize("reader", ["outside", "inside"])
def test_a_name_that_a_merge_brought_since_stops_the_copy(here: World, level: str, reader: str) -> None:
    case, lead = here.case(), here.actor("service_lead")
    said = replace(PLAIN, neutral="Aunt Lan has a room now.", next_step="Call Wu Mei")
    brief = actions.write_brief(actor=here.actor("associate"), ref=case.pk, writing=said)
    whom = {"name": "Board", "reason": "They ask"} if reader == "outside" else {"reader_id": here.users["manager"].pk}
    actions.give_brief(actor=lead, ref=case.pk, version=1, level="outside", name="Regulator", reason="They asked first")
    other = here.case()
    card = {"preferred_name": "Wu Mei", "through": "Aunt Lan"}
    actions.keep_card(actor=SYSTEM, ref=other.pk, values=card, source="customer")
    actions.merge(actor=SYSTEM, source=other.pk, target=case.pk, reason="One matter")
    with pytest.raises(actions.Refused) as no:
        actions.give_brief(actor=lead, ref=case.pk, version=1, level=level, **whom)
    assert (no.value.code, no.value.words) == ("brief_names_since", {"names": "Aunt Lan, Wu Mei"})
    asked = {"level": level, "name": "", "reader": "", **whom}
    asked["reader"] = asked.pop("reader_id", "")
    page = here.client("service_lead").post(f"/cases/{case.ref}/briefs/{brief.version}/give/", asked)
    assert page.status_code == 422
    assert (
        "Since this version was written, names have come into the case that stand in it: Aunt Lan, Wu Mei." in page.text
    )
    assert BriefCopy.objects.count() == 1
    inside = {"reader_id": here.users["manager"].pk, "level": "full"}
    actions.give_brief(actor=lead, ref=case.pk, version=1, **inside)
    actions.write_brief(actor=lead, ref=case.pk, writing=PLAIN)
    actions.give_brief(actor=lead, ref=case.pk, version=2, level=level, **whom)


def test_a_name_that_the_level_leaves_out_or_that_was_removed_stops_nothing(here: World) -> None:
    case, lead = here.case(), here.actor("service_lead")
    at_stake = Exposure(legal="claim", legal_words="Wu Mei has a lawyer")
    actions.write_brief(actor=lead, ref=case.pk, writing=replace(PLAIN, situation="Wu Mei", exposure=at_stake))
    brief = actions.write_brief(actor=lead, ref=case.pk, writing=replace(PLAIN, neutral="Wu Mei has no room."))
    actions.keep_card(actor=lead, ref=case.pk, values={"preferred_name": "Wu Mei"}, source="customer")
    whom = {"name": "Board", "reason": "They ask"}
    actions.give_brief(actor=lead, ref=case.pk, version=1, level="outside", **whom)
    for version, level in ((1, "internal"), (2, "outside")):
        with pytest.raises(actions.Refused):
            actions.give_brief(actor=lead, ref=case.pk, version=version, level=level, **whom)
    BriefWord.objects.filter(brief=brief, text__contains="Wu Mei").update(text="", salt="", redacted_at=brief.at)
    actions.give_brief(actor=lead, ref=case.pk, version=2, level="outside", **whom)


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
