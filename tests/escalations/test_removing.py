"""Words that are removed are gone wherever the product took them to."""

import pytest

from escalations.actions import Writing, add_note, merge, redact_entry, split, write_brief
from escalations.models import Brief, BriefWord, Case, Service
from partners.models import Site
from portal.accounts.rules import Actor
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
