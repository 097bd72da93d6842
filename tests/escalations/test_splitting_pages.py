"""Splitting on pages: from a message to a case of its own, once, and both tell of each other."""

import re
from typing import Any

import pytest

from escalations import actions
from escalations.models import Case, CaseLink, TimelineEntry
from portal.accounts.rules import SYSTEM
from portal.files.models import StoredFile
from tests.escalations.case_page import page
from tests.escalations.mailing import files_root
from tests.escalations.pages_world import HTMX, World, world
from tests.factories.case_mail import ServiceMailboxFactory, case_of, receive

pytestmark = pytest.mark.django_db
__all__ = ["files_root"]


@pytest.fixture
def here(db: None) -> World:
    return world()


@pytest.fixture
def noted(here: World) -> tuple[Case, TimelineEntry]:
    case = here.case("Refund and noise")
    return case, actions.add_note(actor=SYSTEM, ref=case.pk, text="The neighbours sing at night", shared=False)


def form(here: World, who: str, url: str, **more: Any) -> dict[str, Any]:
    html = here.client(who).get(url).content.decode()
    values = {name: re.search(rf'name="{name}" value="([^"]*)"', html) for name in ("token", "version")}
    data: dict[str, Any] = {name: found[1] for name, found in values.items() if found}
    return {**data, "subject": "Noise", "service": here.service.pk, "impact": "minor", "urgency": "week", **more}


def url_of(case: Case, entry: TimelineEntry) -> str:
    return f"/cases/{case.ref}/entries/{entry.pk}/split/"


def test_from_the_message_to_a_case_of_its_own_once(here: World, noted: tuple[Case, TimelineEntry]) -> None:
    case, entry = noted
    url, client = url_of(case, entry), here.client("associate")
    assert f'href="{url}"' in page(here, "associate", case)
    assert url not in page(here, "auditor", case)
    shown = client.get(url).content.decode()
    assert re.search(rf'value="{entry.pk}"[^>]*checked', shown)
    assert "The neighbours sing at night" in shown
    data = form(here, "associate", url, entries=[entry.pk])
    answers = [client.post(url, data) for _ in range(2)]
    made = Case.objects.exclude(pk=case.pk).get()
    assert {answer["Location"] for answer in answers} == {f"/cases/{made.ref}/"}
    there, back = page(here, "associate", made), page(here, "associate", case)
    for text in ("The neighbours sing at night", f"Split from {case.ref}", f'href="/cases/{case.ref}/">{case.ref}</a>'):
        assert text in there
    assert f"Split into {made.ref}" in back
    panel = client.get(f"/cases/{made.ref}/linked/", headers=HTMX).content.decode()
    assert "This case was split from it" in panel
    assert "unlink-" not in panel
    assert client.post(f"/cases/{made.ref}/linked/{CaseLink.objects.get().pk}/remove/").status_code == 409
    assert CaseLink.objects.get().ended_at is None


def test_somebody_was_faster(here: World, noted: tuple[Case, TimelineEntry]) -> None:
    case, entry = noted
    url = url_of(case, entry)
    first = form(here, "associate", url, entries=[entry.pk])
    second = form(here, "coordinator", url, entries=[entry.pk])
    assert here.client("associate").post(url, first).status_code == 302
    late = here.client("coordinator").post(url, second)
    assert late.status_code == 409
    assert "changed this case a moment ago" in late.content.decode()
    assert 'value="Noise"' in late.content.decode()
    assert Case.objects.count() == 2


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"subject": " "}, "This field is required"),
        ({"entries": []}, "Choose at least one message."),
        ({"entries": ["7777777"]}, "Select a valid choice"),
        ({"entries": ["x", "\x00"]}, "Select a valid choice"),
        ({"service": "99999"}, "Select a valid choice"),
        ({"impact": ""}, "Choose one."),
    ],
)
def test_what_is_wrong_is_said_at_the_field(
    here: World, noted: tuple[Case, TimelineEntry], wrong: dict[str, Any], says: str
) -> None:
    case, entry = noted
    data = {**form(here, "associate", url_of(case, entry), entries=[entry.pk]), **wrong}
    answer = here.client("associate").post(url_of(case, entry), data)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert Case.objects.count() == 1


def test_only_messages_that_one_may_read(here: World, noted: tuple[Case, TimelineEntry]) -> None:
    case, _entry = noted
    opened, hidden = case.entries.get(kind="opened"), here.case("Secret", sensitivity="confidential")
    secret = actions.add_note(actor=SYSTEM, ref=hidden.pk, text="Hidden words", shared=False)
    client = here.client("coordinator")
    for ref, pk in ((case, opened), (case, secret), (hidden, secret)):
        assert client.get(url_of(ref, pk)).status_code == 404
        assert client.post(url_of(ref, pk), {"entries": [pk.pk]}).status_code == 404


def test_a_mail_and_its_files_are_read_in_the_case_that_was_split_off(here: World) -> None:
    box = ServiceMailboxFactory(service=here.service, site=here.site)
    case = case_of(
        receive(box, "Refund, and noise", html="<p>Refund, and <b>noise</b></p>", files={"receipt.txt": b"42 EUR"})
    )
    mail, file = case.entries.get(code="mail.in"), StoredFile.objects.get(name="receipt.txt")
    part = actions.Part(subject="Noise", service_id=here.service.pk, impact="minor", urgency="week")
    made = actions.split(actor=here.actor("coordinator"), ref=case.pk, entry_ids=[mail.pk], part=part)
    actions.change_service(actor=SYSTEM, ref=made.pk, service_id=here.other_service.pk, reason="Theirs")
    client = here.client("other_associate")
    html = client.get(f"/cases/{made.ref}/").content.decode()
    assert "Refund, and noise" in html
    assert case.ref not in html
    assert client.get(f"/cases/{case.ref}/").status_code == 404
    assert b"".join(client.get(f"/files/{file.pk}/")) == b"42 EUR"
    whole = client.get(f"/cases/{made.ref}/entries/{mail.pk}/mail/")
    assert "<b>noise</b>" in whole.content.decode()
    assert case.ref not in whole.content.decode()
    assert client.get(f"/cases/{made.ref}/entries/{mail.pk}/remove/").status_code == 404
    actions.redact_entry(actor=SYSTEM, ref=case.pk, entry_id=mail.pk)
    assert client.get(f"/files/{file.pk}/").status_code == 404
    assert "noise</b>" not in client.get(f"/cases/{made.ref}/entries/{mail.pk}/mail/").content.decode()
