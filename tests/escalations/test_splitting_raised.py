"""Words that left a case that was split off stay away, whatever that case is marked later, and by whom."""

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escalations import actions, queries
from escalations.models import Case, ServiceMailbox, TimelineEntry
from portal.accounts.rules import SYSTEM
from portal.files.models import StoredFile
from tests.escalations.filing import files_root, made
from tests.escalations.packing import opened, ready, text_of
from tests.escalations.pages_world import World
from tests.factories.api import Program
from tests.factories.case_mail import ServiceMailboxFactory, case_of, receive
from tests.factories.escalations import CaseFactory, hold
from tests.web.leaks.seeing import text_of as page_of

__all__ = ["files_root", "made"]
pytestmark = pytest.mark.django_db
SECRET = "zqsecretxw"
STRICTER = ["confidential", "restricted"]


@pytest.fixture
def source(made: World) -> Case:
    """A case of one service that began with a mail with a file, seen by its site as well."""
    box: ServiceMailbox = ServiceMailboxFactory(service=made.service, site=made.site)
    return case_of(receive(box, SECRET, html=f"<p>{SECRET}</p>", files={f"{SECRET}.txt": b"log"}, subject="Noise"))


def mail_of(source: Case) -> TimelineEntry:
    return source.entries.get(code="mail.in")


@pytest.fixture
def part(made: World, source: Case) -> Case:
    """What was split off it for another service."""
    said = actions.Part(subject="Second", service_id=made.other_service.pk, impact="money", urgency="week")
    return actions.split(actor=made.actor("coordinator"), ref=source.pk, entry_ids=[mail_of(source).pk], part=said)


def mark(case: Case, *levels: str, who: object = SYSTEM) -> None:
    for level in levels:
        actions.set_sensitivity(actor=who, ref=case.pk, sensitivity=level, reason="x")


def doors(made: World, who: str, part: Case, source: Case) -> dict[str, bool]:
    """At which doors somebody who sees the part has the words."""
    client, entry = made.client(who), mail_of(source)
    file = StoredFile.objects.get(name=f"{SECRET}.txt")
    assert client.get(f"/cases/{part.ref}/").status_code == 200
    said = str(Program(made.users[who]).get(f"/cases/{part.ref}/entries").json())
    return {
        "page": SECRET in page_of(client, f"/cases/{part.ref}/"),
        "mail": client.get(f"/cases/{part.ref}/entries/{entry.pk}/mail/").status_code == 200,
        "file": page_of(client, f"/files/{file.pk}/").startswith("200"),
        "api": SECRET in said,
        "split": client.get(f"/cases/{part.ref}/entries/{entry.pk}/split/").status_code == 200,
        "search": part.ref in page_of(client, "/search/", {"q": SECRET}),
    }


def closed(made: World, who: str, part: Case, source: Case) -> bool:
    return not any(doors(made, who, part, source).values())


@pytest.mark.parametrize("level", STRICTER)
def test_marking_the_part_as_sensitive_as_well_brings_nothing_back(
    made: World, source: Case, part: Case, level: str
) -> None:
    reader = "other_associate"
    before = doors(made, reader, part, source)
    assert {before[door] for door in ("page", "mail", "file", "api", "split")} == {True}
    mark(source, level)
    assert closed(made, reader, part, source)
    mark(part, level, who=made.actor(reader))
    assert closed(made, reader, part, source)
    message = mail_of(source)
    with pytest.raises(actions.Refused):
        actions.split(
            actor=made.actor(reader), ref=part.pk, entry_ids=[message.pk],
            part=actions.Part(subject="Third", service_id=made.other_service.pk, impact="money", urgency="week"),
        )  # fmt: skip


def test_nor_does_a_pack(made: World, source: Case, part: Case, tmp_path: Path) -> None:
    mark(source, "confidential")
    mark(part, "confidential")
    pack = ready(made, part, "other_associate")
    archive = opened(made.client("other_associate"), pack)
    assert SECRET not in text_of(archive, tmp_path) + str(archive.namelist())


@pytest.mark.parametrize("level", STRICTER)
def test_merging_a_sensitive_case_into_the_part_brings_nothing_back(
    made: World, source: Case, part: Case, level: str
) -> None:
    """The part is raised by the merge, without anybody's intent."""
    reader = made.actor("other_associate")
    mark(source, level)
    other = CaseFactory(service=made.other_service, site=None, sensitivity=level)
    if level == "restricted":
        hold(other, reader)
    actions.merge(actor=reader, source=other.pk, target=part.pk, reason="One matter")
    part.refresh_from_db()
    assert part.sensitivity == level
    assert closed(made, "other_associate", part, source)


def test_nor_does_lowering_the_part_and_raising_it_again(made: World, source: Case) -> None:
    mark(source, "confidential")
    said = actions.Part(subject="Second", service_id=made.service.pk, impact="money", urgency="week")
    part = actions.split(actor=made.actor("associate"), ref=source.pk, entry_ids=[mail_of(source).pk], part=said)
    actions.change_service(actor=SYSTEM, ref=part.pk, service_id=made.other_service.pk, reason="x")
    assert doors(made, "other_associate", part, source)["page"], "as strict ever since as where it comes from"
    mark(part, "standard", "confidential")
    assert closed(made, "other_associate", part, source)
    mark(source, "standard")
    assert doors(made, "other_associate", part, source)["page"]


def test_who_sees_where_it_was_written_reads_it_still(made: World, source: Case, part: Case) -> None:
    mark(source, "confidential")
    mark(part, "confidential")
    actions.change_service(actor=SYSTEM, ref=part.pk, service_id=made.service.pk, reason="x")
    assert doors(made, "associate", part, source)["page"]


def test_it_costs_one_query_and_only_where_something_is_protected(made: World, source: Case, part: Case) -> None:
    def cost() -> int:
        case = Case.objects.select_related("site").get(pk=part.pk)
        with CaptureQueriesContext(connection) as caught:
            list(queries.entries_visible_to(made.actor("auditor"), case))
        return len(caught)

    plain = cost()
    mark(source, "confidential")
    left = cost()
    mark(part, "confidential")
    assert (left, cost()) == (plain, plain + 1)
