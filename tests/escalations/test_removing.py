"""Words that are removed are gone wherever the product took them to."""

from uuid import uuid4

import pytest

from escalations.actions import (
    HandLine,
    Writing,
    add_note,
    hand_over_shift,
    merge,
    redact_entry,
    split,
    write_brief,
)
from escalations.models import Brief, BriefWord, Case, CaseWords, EntryBody, Service, TimelineEntry
from escalations.queries import shifts
from partners.models import Site
from portal.accounts.rules import Actor
from portal.audit.models import AuditEntry
from tests.factories.escalations import CaseFactory, associate

from .test_splitting import part, wrote

pytestmark = pytest.mark.django_db

SECRET = "zq the guest has an illness"


def quoting(who: Actor, case: Case) -> Brief:
    said = Writing(language="en", situation=f"We know: {SECRET}.", neutral="A matter", next_step="Call")
    return write_brief(actor=who, ref=case.pk, writing=said)


def held(brief: Brief) -> set[str]:
    return {text for text in BriefWord.objects.filter(brief=brief).values_list("text", flat=True) if text}


def test_briefs_of_the_case_that_goes_on_lose_the_words_of_the_merged_one(service: Service, site: Site) -> None:
    who, lead = associate(service), associate(service, lead=True)
    merged, middle, last, other = (CaseFactory(service=service, site=site) for _ in range(4))
    note = add_note(actor=who, ref=merged.pk, text=SECRET, shared=False)
    merge(actor=who, source=merged.pk, target=middle.pk, reason="One")
    first = quoting(who, middle)
    merge(actor=who, source=middle.pk, target=last.pk, reason="One")
    second, foreign = quoting(who, last), quoting(who, other)
    redact_entry(actor=lead, ref=merged.pk, entry_id=note.pk)
    assert [SECRET in " ".join(held(one)) for one in (first, second, foreign)] == [False, False, True]
    assert {"A matter", "Call"} <= held(second), "what does not quote it stays"


def test_briefs_of_the_case_that_words_were_carried_to_lose_them(service: Service, site: Site) -> None:
    who, lead = associate(service), associate(service, lead=True)
    source, last = (CaseFactory(service=service, site=site) for _ in range(2))
    message = wrote(source, SECRET)
    new = split(actor=who, ref=source.pk, entry_ids=[message.pk], part=part(source))
    first = quoting(who, new)
    merge(actor=who, source=new.pk, target=last.pk, reason="One")
    second = quoting(who, last)
    redact_entry(actor=lead, ref=source.pk, entry_id=message.pk)
    assert [SECRET in " ".join(held(one)) for one in (first, second)] == [False, False]
    assert all({"A matter", "Call"} <= held(one) for one in (first, second))


def line_of(giver: Actor, taker: Actor, case: Case, added: str = "") -> TimelineEntry:
    """The case is handed over with the line that was begun, and what the giver adds to it."""
    [handed] = [one for one in shifts.to_hand_over(giver) if one.case.pk == case.pk]
    line = HandLine(case.pk, "watches", handed.begun + added)
    hand_over_shift(actor=giver, taker_id=taker.user_id or 0, lines=[line], key=uuid4())
    return TimelineEntry.objects.filter(case=case, code="shift.watched").latest("pk")


def gone(entry: TimelineEntry) -> bool:
    body = EntryBody.objects.get(entry=entry)
    return body.text == "" and body.redacted_at is not None


@pytest.mark.parametrize("text", ["zq card 4111\nmore of it", "zq" * 400], ids=["its first paragraph", "cut"])
def test_lines_of_a_shift_begun_with_a_note_go_with_it(service: Service, site: Site, text: str) -> None:
    giver, taker, lead = associate(service), associate(service), associate(service, lead=True)
    case, other = (CaseFactory(service=service, site=site, severity=3, owner=giver.user_id) for _ in range(2))
    note, same = (add_note(actor=giver, ref=one.pk, text=text, shared=True) for one in (case, other))
    copy, elsewhere = line_of(giver, taker, case), line_of(giver, taker, other)
    again = line_of(giver, taker, case, "" if len(text) > 500 else ", call them")
    own = add_note(actor=taker, ref=case.pk, text=text, shared=False)
    redact_entry(actor=lead, ref=case.pk, entry_id=note.pk)
    assert [gone(one) for one in (note, copy, again)] == [True] * 3
    assert not any(map(gone, (same, elsewhere, own))), "of the case alone, and what the product copied"
    assert not CaseWords.objects.filter(entry__in=[note, copy, again]).exists()
    removed = TimelineEntry.objects.filter(case=case, code="entry.redacted").order_by("pk")
    assert [(one.params["entry"], one.is_internal) for one in removed] == [
        (note.pk, False), (copy.pk, True), (again.pk, True)
    ]  # fmt: skip
    rows = AuditEntry.objects.filter(verb="case.entry_redacted", subject_type="case", subject_id=case.pk)
    assert {row.changes["entry"] for row in rows} == {note.pk, copy.pk, again.pk}


def test_a_line_of_a_shift_that_was_written_anew_or_before_stays(service: Service, site: Site) -> None:
    giver, taker, lead = associate(service), associate(service), associate(service, lead=True)
    case = CaseFactory(service=service, site=site, severity=3, owner=giver.user_id)
    before = line_of(giver, taker, case, "zq card 4111")
    note = add_note(actor=giver, ref=case.pk, text="zq card 4111", shared=False)
    line = HandLine(case.pk, "watches", "Call them")
    hand_over_shift(actor=giver, taker_id=taker.user_id or 0, lines=[line], key=uuid4())
    written = TimelineEntry.objects.filter(case=case, code="shift.watched").latest("pk")
    redact_entry(actor=lead, ref=case.pk, entry_id=note.pk)
    assert [gone(one) for one in (note, before, written)] == [True, False, False]


@pytest.mark.parametrize(
    ("notes", "line", "goes"),
    [
        (["Call"], "Called the bank, refund Friday", False),
        (["Call"], "Call – refund Friday", True),
        (["Called", "Waits for the bank"], "Called the bank, refund Friday", False),
        (["Called", "Called the bank"], "Called the bank, refund Friday", False),
        (["zq card 4111", "Waits for the bank"], "zq card 4111", True),
        (["zq the guest has an illness that nobody may know of", "Waits"], f"{SECRET} that nobody may know of, call", True),
        (["已致电客人"], "已致电客人等回复", True),
    ],
    ids=["another word", "the word", "newer words", "newer words alike", "the same", "too long to be chance", "Chinese"],
)  # fmt: skip
def test_a_line_goes_with_a_note_only_if_it_was_begun_with_it(
    service: Service, site: Site, notes: list[str], line: str, goes: bool
) -> None:
    giver, taker, lead = associate(service), associate(service), associate(service, lead=True)
    case = CaseFactory(service=service, site=site, severity=3, owner=giver.user_id)
    first, *_newer = [add_note(actor=giver, ref=case.pk, text=one, shared=False) for one in notes]
    hand_over_shift(
        actor=giver, taker_id=taker.user_id or 0, lines=[HandLine(case.pk, "watches", line)], key=uuid4()
    )  # fmt: skip
    written = TimelineEntry.objects.get(case=case, code="shift.watched")
    redact_entry(actor=lead, ref=case.pk, entry_id=first.pk)
    assert (gone(first), gone(written)) == (True, goes)
