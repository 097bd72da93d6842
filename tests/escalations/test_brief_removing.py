"""Words that are removed go from every brief in which they stand."""

import pytest

from escalations import actions
from escalations.models import BriefWord, CaseWords, EntryBody, TimelineEntry
from escalations.queries import briefs as known
from escalations.rules.briefs.freezing import digest
from tests.escalations.briefing import rich_case, written
from tests.escalations.pages_world import World, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> World:
    return world()


def test_removing_an_entry_takes_its_words_out_of_every_brief(here: World) -> None:
    case = rich_case(here)
    first, second = written(here, case), written(here, case, situation="They told us: zqcontact said so, twice.")
    contact = TimelineEntry.objects.get(case=case, code="contact.logged")
    actions.redact_entry(actor=here.actor("service_lead"), ref=case.pk, entry_id=contact.pk)
    for brief in (first, second):
        rows = BriefWord.objects.filter(brief=brief)
        assert not rows.filter(text__contains="zqcontact").exists()
        assert not rows.filter(text="").exclude(salt="").exists()
        assert digest(brief.content) == brief.sha256
    assert known.removed_counts([first, second]) == {first.pk: 1, second.pk: 2}, "the writer had quoted it"
    assert known.content_of(first)[0]["situation"]["words"]["words"] == "zqsituation"
    quoting, other = (EntryBody.objects.get(entry=one.entry_id) for one in (second, first))
    assert (quoting.text, quoting.redacted_by.name, quoting.redacted_at is None) == ("", "Service Lead", False)
    assert (other.text, other.redacted_at) == ("zqsituation", None)
    assert not CaseWords.objects.filter(entry=second.entry_id).exists(), "nor is it found by them"


def test_what_a_writer_said_beside_a_removed_quotation_can_still_be_removed(here: World) -> None:
    case, lead = rich_case(here), here.actor("service_lead")
    brief = written(here, case, situation="They told us: zqcontact said so, twice.")
    contact = TimelineEntry.objects.get(case=case, code="contact.logged")
    actions.redact_entry(actor=lead, ref=case.pk, entry_id=contact.pk)
    button, page = f'id="redact-{brief.entry_id}"', f"/cases/{case.ref}/"
    assert button in here.client("service_lead").get(page).text
    actions.redact_entry(actor=lead, ref=case.pk, entry_id=brief.entry_id)
    left = set(BriefWord.objects.filter(brief=brief, redacted_at=None).values_list("text", flat=True))
    assert left == {"zqtold", "zqidentity", "zqchecked"}
    assert button not in here.client("service_lead").get(page).text
    with pytest.raises(actions.Refused) as no:
        actions.redact_entry(actor=lead, ref=case.pk, entry_id=brief.entry_id)
    assert no.value.code == "already_redacted"


def test_removing_the_entry_of_a_brief_takes_what_its_writer_wrote(here: World) -> None:
    case = rich_case(here)
    brief = written(here, case)
    actions.redact_entry(actor=here.actor("service_lead"), ref=case.pk, entry_id=brief.entry_id)
    left = set(BriefWord.objects.filter(brief=brief, redacted_at=None).values_list("text", flat=True))
    assert left == {"zqtold", "zqidentity", "zqchecked", "zqcontact said so"}
