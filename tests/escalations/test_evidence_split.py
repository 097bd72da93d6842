"""Evidence packs of a case that was split off: whose words they hold, whom they name, and who may have them when."""

from pathlib import Path

import pytest

from escalations import actions
from escalations.choices.evidence import PACK_FILES
from escalations.models import Case, EntryBody, EvidencePack
from portal.files.models import StoredFile
from tests.escalations.filing import files_root, made
from tests.escalations.packing import had, opened, ready, text_of
from tests.escalations.pages_world import World

__all__ = ["files_root", "made"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def source(made: World) -> Case:
    found = made.case()
    actions.add_note(actor=made.actor("associate"), ref=found.pk, text="zqsecret", shared=False)
    return found


def part_of(made: World, source: Case, *, service_id: int | None = None) -> Case:
    part = actions.Part(
        subject="A second matter", service_id=service_id or source.service_id, impact="money", urgency="week"
    )
    note = source.entries.get(code="note.added", is_internal=True)
    who = made.actor("coordinator" if service_id else "associate")
    return actions.split(actor=who, ref=source.pk, entry_ids=[note.pk], part=part)


def status_of(made: World, who: str, pack: EvidencePack) -> int:
    """What somebody who wants the pack is answered; the archive is read to its end."""
    answer = had(made.client(who), pack)
    b"".join(answer)
    return int(answer.status_code)


def state_of(pack: EvidencePack) -> tuple[str, object]:
    pack.refresh_from_db()
    return pack.state, pack.file_id


def test_removing_words_where_they_were_written_deletes_the_pack(made: World, source: Case, tmp_path: Path) -> None:
    pack = ready(made, part_of(made, source))
    assert pack.cases == [pack.case_id, source.pk]
    assert "zqsecret" in text_of(opened(made.client("associate"), pack), tmp_path)
    note = source.entries.get(code="note.added", is_internal=True)
    actions.redact_entry(actor=made.actor("associate"), ref=source.pk, entry_id=note.pk)
    assert state_of(pack) == ("expired", None)
    assert status_of(made, "associate", pack) == 404
    assert not StoredFile.objects.filter(owner_kind=PACK_FILES).exists()


def test_so_it_does_where_the_part_was_merged(made: World, source: Case) -> None:
    target = made.case("Where it goes on")
    part = part_of(made, source)
    actions.merge(actor=made.actor("associate"), source=part.pk, target=target.pk, reason="One matter")
    pack = ready(made, target)
    assert set(pack.cases) == {target.pk, part.pk, source.pk}
    note = source.entries.get(code="note.added", is_internal=True)
    actions.redact_entry(actor=made.actor("associate"), ref=source.pk, entry_id=note.pk)
    assert state_of(pack) == ("expired", None)


def test_where_they_were_written_is_protected_later(made: World, source: Case) -> None:
    pack = ready(made, part_of(made, source))
    assert status_of(made, "service_lead", pack) == 200
    actions.set_sensitivity(actor=made.actor("associate"), ref=source.pk, sensitivity="restricted", reason="x")
    assert status_of(made, "service_lead", pack) == 404
    assert status_of(made, "associate", pack) == 200


def test_another_service_has_what_it_reads_and_the_case_it_came_from_is_not_named(
    made: World, source: Case, tmp_path: Path
) -> None:
    part = part_of(made, source, service_id=made.other_service.pk)
    pack = ready(made, part, "other_associate")
    archive = opened(made.client("other_associate"), pack)
    text = text_of(archive, tmp_path)
    assert "zqsecret" in text
    assert source.ref not in text
    assert part.ref in text
    whole = ready(made, part, "coordinator")
    assert source.ref in text_of(opened(made.client("coordinator"), whole), tmp_path)
    assert status_of(made, "other_associate", whole) == 404, "it names a case that they do not see"
    assert status_of(made, "coordinator", pack) == 200
    actions.set_sensitivity(actor=made.actor("associate"), ref=source.pk, sensitivity="restricted", reason="x")
    for who in ("other_associate", "coordinator"):
        for one in (pack, whole):
            assert status_of(made, who, one) == 404, who


def test_a_pack_with_a_brief_that_quotes_removed_words_goes(made: World, source: Case) -> None:
    middle, last, who = made.case("Middle"), made.case("Last"), made.actor("associate")
    note = actions.add_note(actor=who, ref=source.pk, text="zq card 4111 1111", shared=False)
    for one, into in ((source, middle), (middle, last)):
        actions.merge(actor=who, source=one.pk, target=into.pk, reason="One")
    writing = actions.Writing(language="en", situation="We know: zq card 4111 1111.", neutral="A matter")
    brief = actions.write_brief(actor=who, ref=last.pk, writing=writing)
    pack = ready(made, last)
    actions.redact_entry(actor=who, ref=source.pk, entry_id=note.pk)
    assert EntryBody.objects.get(entry=brief.entry_id).text == ""
    assert state_of(pack) == ("expired", None)
