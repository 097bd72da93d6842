"""The certificate: who approved, when, why, verified how; and the panel on a person's page."""

import csv
import re
from datetime import timedelta
from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access_requests.actions import (
    Line,
    claim,
    decide,
    dispatch,
    granting,
    raise_request,
    report_leavers,
    verify_by_lead,
)
from partners.models import Person
from portal.audit.models import AuditEntry
from tests.access_requests.readiness_world import Wave, text_of, wave

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Wave:
    return wave()


def history(made: Wave, person: Person) -> str:
    """One thing asked for, approved, done, verified, and taken away again; the reference of its request."""
    lead = made.actor("lead")
    request = raise_request(
        actor=lead,
        kind="ad_hoc",
        site_id=made.site.pk,
        lines=[Line(person.pk, made.desk.pk)],
        reason="Covers the night shift",
    )
    ids = list(request.items.values_list("pk", flat=True))
    decide(actor=made.actor("manager"), item_ids=ids, verdict="approved", comment="Fine until spring")
    dispatch()
    claim(actor=made.actor("it"), item_ids=ids, ticket="INC-77")
    verify_by_lead(actor=lead, item_ids=ids)
    return request.ref


def test_it_says_who_approved_when_why_and_verified_how(made: Wave) -> None:
    zhou = made.joiner("Zhou Ting", -50)
    ref = history(made, zhou)
    url = f"/access/people/{zhou.pk}/certificate/"
    page = text_of(made.client("auditor"), url)
    names = [made.users[who].name for who in ("lead", "manager", "it")]
    wanted = [ref, "Covers the night shift", "Fine until spring", "INC-77", "Confirmed by the lead", "Held now", *names]
    assert [one for one in wanted if one not in page] == []
    made.users["auditor"].language = "zh-hans"
    made.users["auditor"].save(update_fields=["language"])
    chinese = text_of(made.client("auditor"), url)
    label = f"{made.desk.system.label}：{made.desk.label}"
    assert [one for one in (label, f"{ref}，{names[0]}，", "：Covers the night shift") if one not in chinese] == []
    made.users["auditor"].language = "en"
    made.users["auditor"].save(update_fields=["language"])
    leaving = report_leavers(
        actor=made.actor("lead"),
        site_id=made.site.pk,
        person_ids=[zhou.pk],
        last_shift_at=timezone.now() - timedelta(minutes=1),
    )
    granting.verify(list(leaving.items.values_list("pk", flat=True)), timezone.now())
    page = text_of(made.client("lead"), url)
    past = page.partition("Nothing is held.")[2]
    assert [one for one in (ref, leaving.ref, "Policy: removals need no approval") if one not in past] == []
    rows = b"".join(made.client("auditor").post(f"{url}export/")).decode()
    assert [one for one in (ref, "Fine until spring", "Ended") if one not in rows] == []
    assert AuditEntry.objects.get(verb="access_certificate.exported").subject_id == zhou.pk


def test_strangers_get_none_of_it(made: Wave) -> None:
    zhou = made.joiner("Zhou Ting", -50)
    history(made, zhou)
    url = f"/access/people/{zhou.pk}/certificate/"
    for who in ("foreign_lead", "foreign_coordinator", "qa", "agent", "it"):
        assert made.client(who).get(url).status_code == 404, who
        assert made.client(who).post(f"{url}export/").status_code == 404, who
    assert made.client("lead").get("/access/people/99999999999999999999/certificate/").status_code == 404
    assert made.client("lead").get("/access/people/999999/certificate/").status_code == 404


def test_the_cost_does_not_grow_with_the_history(made: Wave) -> None:
    zhou = made.joiner("Zhou Ting", -50)
    counts = []
    client, url = made.client("auditor"), f"/access/people/{zhou.pk}/certificate/"
    history(made, zhou)
    for _more in range(2):
        made.give(made.joiner("Other", -9), made.phone)
        client.get(url)
        with CaptureQueriesContext(connection) as asked:
            client.get(url)
        counts.append(len(asked))
        if not counts[1:]:
            made.give(zhou, made.phone)
    assert counts[0] == counts[1] <= 15


def test_the_panel_shows_what_is_held_and_what_is_coming(made: Wave) -> None:
    zhou = made.joiner("Zhou Ting", -50)
    made.give(zhou, made.desk)
    raise_request(actor=made.actor("lead"), kind="ad_hoc", site_id=made.site.pk, lines=[Line(zhou.pk, made.phone.pk)])
    url = f"/directory/people/{zhou.pk}/"
    page = text_of(made.client("lead"), url)
    assert [
        one for one in ("Case desk", "Job: ", "Telephone", "Awaiting approval", "Certificate") if one not in page
    ] == []
    other = text_of(made.client("qa"), url)
    assert other.startswith("200")
    assert "Case desk" not in other


def test_what_is_asked_for_and_handed_over_is_one_row_with_its_request(made: Wave) -> None:
    zhou = made.joiner("Zhou Ting", -50)
    lines = [Line(zhou.pk, made.desk.pk)]
    asked = raise_request(actor=made.actor("lead"), kind="ad_hoc", site_id=made.site.pk, lines=lines)
    ids = list(asked.items.values_list("pk", flat=True))
    decide(actor=made.actor("manager"), item_ids=ids, verdict="approved", comment="")
    dispatch()
    page = text_of(made.client("lead"), f"/directory/people/{zhou.pk}/")
    table = page[page.index("What is held, and what is under way") :]
    assert table.count("Agent seat</td>") == 1
    assert asked.ref in table
    assert ("Access handed over to IT" in page, "Access began" in page) == (True, False)


def test_every_instant_in_the_export_has_its_year_and_offset(made: Wave) -> None:
    zhou = made.joiner("Zhou Ting", -50)
    history(made, zhou)
    sent = made.client("auditor").post(f"/access/people/{zhou.pk}/certificate/export/")
    row = next(csv.DictReader(StringIO(sent.getvalue().decode("utf-8-sig"))))
    instant = re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d [+-]\d\d:\d\d")
    assert [name for name in ("Why", "Asked", "Approved", "Done", "Verified") if not instant.search(row[name])] == []
