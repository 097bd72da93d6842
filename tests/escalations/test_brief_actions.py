"""Writing versions and giving copies: what is written, what is refused, who hears of it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.http import Http404
from django.utils import timezone

from escalations import actions
from escalations.models import BriefCopy, BriefWord, Case, CaseFact, TimelineEntry
from escalations.queries import audience
from escalations.queries import briefs as known
from escalations.rules.briefs.building import Exposure
from escalations.rules.briefs.freezing import digest, digest_of, holds
from portal.audit.models import AuditEntry
from portal.notifications import tasks
from portal.notifications.models import Notification
from tests.escalations.briefing import rich_case, said, written
from tests.escalations.pages_world import World, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> World:
    return world()


def refusal(error: pytest.ExceptionInfo[actions.Refused]) -> str:
    return error.value.code


def test_a_version_is_frozen_with_its_words_apart(here: World) -> None:
    case = rich_case(here)
    brief = written(here, case)
    assert (brief.version, brief.level, brief.by.name) == (1, "full", "Service Lead")
    assert brief.sha256 == digest(brief.content)
    assert "zq" not in str(brief.content)
    rows = list(BriefWord.objects.filter(brief=brief))
    assert {one["sha256"] for one in holds(brief.content)} == {digest_of(one.text, one.salt) for one in rows}
    by_words = {one.text: one.entry for one in rows}
    assert by_words["zqtold"].fact.key == "booking"
    assert by_words["zqsituation"] == brief.entry
    entry = TimelineEntry.objects.get(pk=brief.entry_id)
    assert (entry.code, entry.is_internal, entry.body.text) == ("brief.made", True, "zqsituation")
    assert "zq" not in str(list(AuditEntry.objects.filter(verb="case.brief_made").values()))
    case.refresh_from_db()
    assert written(here, case).version == 2, "what was read of the case is not stale by a brief"


def test_facts_corrected_later_do_not_reach_back(here: World) -> None:
    case = rich_case(here)
    brief = written(here, case)
    actions.record_fact(actor=here.actor("associate"), ref=case.pk, key="booking", text="other", source="customer")
    assert known.content_of(brief)[0]["known"][0]["words"]["words"] == "zqtold"
    with pytest.raises(actions.Refused) as no:
        actions.write_brief(
            actor=here.actor("associate"), ref=case.pk, writing=said(case, facts=[CaseFact.objects.order_by("pk")[0].entry_id])
        )  # fmt: skip
    assert refusal(no) == "brief_source_gone"


def test_a_narrower_version_keeps_nothing_that_its_level_may_not_contain(here: World) -> None:
    case = rich_case(here)
    brief = written(here, case, level="outside", situation="")
    assert sorted(BriefWord.objects.filter(brief=brief).values_list("text", flat=True)) == ["zqneutral", "zqnext"]
    assert "4812" not in str(brief.content)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"situation": " \n"}, "brief_says_nothing"),
        ({"level": "outside", "neutral": ""}, "brief_says_nothing"),
        ({"situation": "退" * 301}, "text_too_long"),
        ({"next_step": "Ask Associate again"}, "brief_names"),
        ({"neutral": "It is about zqcustomerref."}, "brief_names"),
        ({"neutral": "Write to a@b.test"}, "brief_names"),
        ({"facts": [1]}, "brief_source_gone"),
        ({"facts": list(range(7))}, "unknown_value"),
        ({"language": "fr"}, "unknown_value"),
        ({"level": "secret"}, "unknown_value"),
        ({"exposure": Exposure(money=Decimal(1), currency="XXX")}, "unknown_value"),
        ({"who": 10**9}, "unknown_value"),
    ],
)
def test_what_a_brief_cannot_say_is_refused_whole(here: World, changes: dict[str, object], code: str) -> None:
    case = rich_case(here)
    case.refresh_from_db()
    with pytest.raises(actions.Refused) as no:
        actions.write_brief(actor=here.actor("associate"), ref=case.pk, writing=said(case, **changes))
    assert refusal(no) == code
    assert not known.briefs_of(case).exists()
    assert not TimelineEntry.objects.filter(case=case, kind="brief").exists()


def test_who_writes_without_the_latest_version_is_told(here: World) -> None:
    case = rich_case(here)
    written(here, case)
    with pytest.raises(actions.Refused) as no:
        actions.write_brief(actor=here.actor("associate"), ref=case.pk, writing=said(case), after=0)
    assert (refusal(no), no.value.words) == ("brief_overtaken", {"number": "1"})


def test_who_writes_and_who_does_not(here: World) -> None:
    case = rich_case(here)
    for who in ("coordinator", "manager", "associate", "service_lead"):
        written(here, case, who)
    for who in ("lead", "qa", "auditor", "administrator"):
        with pytest.raises(actions.Refused):
            written(here, case, who)
    for who in ("foreign_lead", "other_associate", "it"):
        with pytest.raises(Http404):
            written(here, case, who)


def give(
    here: World, case_pk: int, to: str = "", by: str = "service_lead", level: str = "outside", name: str = "", reason: str = "",
    version: int = 1,
) -> BriefCopy:  # fmt: skip
    reader = here.users[to].pk if to else None
    return actions.give_brief(
        actor=here.actor(by), ref=case_pk, version=version, level=level, reader_id=reader, name=name, reason=reason
    )


def test_a_reader_of_the_portal_is_told_the_reference_and_led_to_the_copy(here: World) -> None:
    case = rich_case(here)
    written(here, case)
    copy = give(here, case.pk, "manager", level="internal")
    tasks.fan_out()
    told = Notification.objects.get(kind="case.brief")
    assert (told.recipient, told.params, told.url) == (here.users["manager"], {"ref": case.ref}, f"/briefs/{copy.pk}/")
    entry = TimelineEntry.objects.get(pk=copy.entry_id)
    assert (entry.code, entry.params["user"], entry.is_internal) == ("brief.given", here.users["manager"].pk, True)
    with pytest.raises(actions.Refused) as no:
        give(here, case.pk, "manager")
    assert refusal(no) == "brief_given_already"


def test_whoever_is_given_two_versions_is_led_to_each(here: World) -> None:
    case = rich_case(here)
    for _ in range(2):
        written(here, case)
    copies = [give(here, case.pk, "manager", level="internal", version=number) for number in (1, 2)]
    manager = here.users["manager"].pk
    told = audience.briefed([{"case": case.pk, "user": manager, "copy": copy.pk} for copy in copies])
    assert [(one.recipient_id, one.url) for one in told] == [(manager, f"/briefs/{copy.pk}/") for copy in copies]


def test_a_partner_is_given_what_goes_outside_and_a_stranger_nothing(here: World) -> None:
    case = rich_case(here)
    written(here, case)
    for level in ("full", "internal"):
        with pytest.raises(actions.Refused) as no:
            give(here, case.pk, "lead", level=level)
        assert refusal(no) == "brief_level_too_full"
    give(here, case.pk, "lead")
    for who in ("foreign_lead", "other_associate", "it"):
        with pytest.raises(actions.Refused) as no:
            give(here, case.pk, who)
        assert refusal(no) == "brief_reader_unknown"


def test_outside_the_portal_only_by_owner_or_lead_with_a_reason_and_never_in_full(here: World) -> None:
    case = rich_case(here)
    written(here, case)
    for by, reason, level, code in (
        ("coordinator", "asked", "outside", "owner_or_lead"),
        ("manager", "asked", "outside", "owner_or_lead"),
        ("associate", " ", "outside", "reason_needed"),
        ("associate", "asked", "full", "brief_level_too_full"),
    ):
        with pytest.raises(actions.Refused) as no:
            give(here, case.pk, by=by, name="Board", reason=reason, level=level)
        assert refusal(no) == code
    owner = give(here, case.pk, by="associate", name="Board", reason="They asked")
    lead = give(here, case.pk, by="service_lead", name="Board", reason="They asked", level="internal")
    assert owner.entry.body.text == "They asked"
    assert owner.sha256 != lead.sha256
    for reader, name in ((None, ""), (here.users["manager"].pk, "Board")):
        with pytest.raises(actions.Refused) as no:
            actions.give_brief(
                actor=here.actor("associate"), ref=case.pk, version=1, level="outside", reader_id=reader, name=name, reason="x"
            )  # fmt: skip
        assert refusal(no) == "brief_reader_unknown"


def test_a_copy_never_says_more_than_its_version(here: World) -> None:
    case = rich_case(here)
    written(here, case, level="internal")
    with pytest.raises(actions.Refused) as no:
        give(here, case.pk, "manager", level="full")
    assert refusal(no) == "brief_written_narrower"
    other = rich_case_without_neutral(here)
    with pytest.raises(actions.Refused) as no:
        give(here, other, "manager", level="internal")
    assert refusal(no) == "brief_without_neutral"


def rich_case_without_neutral(here: World) -> int:
    case = here.case("Other")
    actions.write_brief(actor=here.actor("associate"), ref=case.pk, writing=actions.Writing("en", situation="Said"))
    return case.pk


def test_of_a_restricted_case_only_those_let_in_are_readers(here: World) -> None:
    case = rich_case(here)
    actions.set_sensitivity(actor=here.actor("service_lead"), ref=case.pk, sensitivity="restricted")
    actor = here.actor("associate")
    actions.write_brief(actor=actor, ref=case.pk, writing=said(case))
    case.refresh_from_db()
    assert {one.name for one in known.readers_of(case)} == {"Associate", "Service Lead"}
    for who in ("manager", "auditor", "lead", "coordinator"):
        with pytest.raises(actions.Refused) as no:
            give(here, case.pk, who, by="associate")
        assert refusal(no) == "brief_reader_unknown"
    assert give(here, case.pk, by="associate", name="Regulator", reason="By law").name == "Regulator"


def test_facts_of_what_was_merged_into_it_are_in_no_brief(here: World) -> None:
    case, other = rich_case(here), here.case("Other")
    actions.record_fact(actor=here.actor("associate"), ref=other.pk, text="zqmerged", source="customer")
    actions.merge(
        actor=here.actor("service_lead"), source=other.pk, target=case.pk, reason="Same", expected_version=None
    )
    assert "zqmerged" not in str(known.facts_for_brief(case))


def test_what_happened_since_is_counted_without_briefs(here: World) -> None:
    case = rich_case(here)
    brief = written(here, case)
    worker = here.actor("associate")
    assert known.entries_since(worker, case, brief) == 0
    give(here, case.pk, "manager")
    actions.add_note(actor=worker, ref=case.pk, text="Later", shared=False)
    hidden = here.case("zqhidden")
    actions.link_cases(actor=here.actor("service_lead"), ref=case.pk, other=hidden.ref, said="related")
    assert known.entries_since(worker, case, brief) == 2
    Case.objects.filter(pk=hidden.pk).update(sensitivity="restricted")
    assert known.entries_since(worker, case, brief) == 1
    with pytest.raises(actions.Refused) as no:
        actions.write_brief(
            actor=here.actor("associate"), ref=case.pk, writing=said(case), at=timezone.now() + timedelta(hours=1)
        )
    assert refusal(no) == "in_future"


def test_hand_overs_and_messages_are_among_what_was_done(here: World) -> None:
    case = rich_case(here)
    lead = here.actor("service_lead")
    actions.change_service(actor=lead, ref=case.pk, service_id=here.other_service.pk, reason="Theirs")
    case.refresh_from_db()
    codes = [one.code for one in known.deeds_for_brief(case)]
    assert set(codes) == {"service.changed", "assignment.changed", "contact.logged"}
    names = known.names_in([{"did": [{"code": one.code, "params": one.params} for one in known.deeds_for_brief(case)], "next": {}}], "internal")  # fmt: skip
    assert (set(names.users.values()), sorted(names.services.values())) == (
        {"a colleague"},
        ["Payments", "Social media"],
    )


def test_what_the_customer_wrote_or_said_is_not_among_what_we_did(here: World) -> None:
    case = rich_case(here)
    worker, known_before = here.actor("associate"), {one.entry for one in known.deeds_for_brief(case)}
    actions.log_contact(
        actor=worker, ref=case.pk, channel="phone", direction="in", outcome="reached", text="zqcustomer called"
    )
    theirs = TimelineEntry.objects.filter(case=case, direction="in").values_list("pk", flat=True)
    assert theirs
    assert {one.entry for one in known.deeds_for_brief(case)} == known_before
    with pytest.raises(actions.Refused):
        written(here, case, deeds=[*theirs])
