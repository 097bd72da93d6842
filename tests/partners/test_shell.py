"""What the directory hangs into the shell, and what the trail says of it."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from partners import actions
from portal.accounts.choices import Role
from portal.accounts.registry import scope_choices, scope_names
from portal.accounts.rules import SYSTEM
from portal.audit import registry as audit
from portal.audit.models import AuditEntry
from portal.audit.queries import audit_of, lines_of
from tests.factories.partners import (
    EngagementFactory,
    JobRoleFactory,
    PlacementFactory,
    SiteFactory,
    placed,
    signed_in,
)

pytestmark = pytest.mark.django_db
ENTRIES = ("People", "Sites", "Partners", "Programmes", "Teams", "Job roles")


def entries(client: Client) -> list[str]:
    side = client.get(reverse("home:day")).text.partition("<nav")[2].partition("</nav>")[0]
    return [name for name in ENTRIES if f">{name}<" in side.replace("</svg>", ">")]


@pytest.mark.parametrize(
    ("role", "shown"),
    [
        (Role.ADMINISTRATOR, list(ENTRIES)),
        (Role.COORDINATOR, list(ENTRIES[:-1])),
        (Role.PARTNER_QA, list(ENTRIES[:-1])),
        (Role.AGENT, []),
        (Role.IT, []),
    ],
)
def test_navigation_shows_what_may_be_opened(role: str, shown: list[str]) -> None:
    scope: dict[str, Any] = {} if role in {Role.ADMINISTRATOR, Role.IT} else {"site": SiteFactory()}
    client = signed_in(role, **scope)
    assert entries(client) == shown


def test_memberships_are_scoped_by_name() -> None:
    site = SiteFactory(name="Chengdu", partner__name="Bluewave")
    archived = SiteFactory(name="Closed", archived_at="2026-01-01T00:00Z", partner=site.partner)
    offered = {str(heading): dict(options) for heading, options in scope_choices()}
    assert offered["Sites"] == {f"site:{site.pk}": "Chengdu · Bluewave"}
    assert offered["Partners"] == {f"partner:{site.partner_id}": "Bluewave"}
    assert scope_names({"site": [archived.pk]}) == {("site", archived.pk): "Closed"}


def test_the_trail_speaks_in_words() -> None:
    """Everything that is written here has a verb, a kind of object and fields with a name."""
    site = SiteFactory(name="Chengdu")
    role = JobRoleFactory()
    person = actions.hire(
        actor=SYSTEM,
        site=site,
        values=actions.PersonValues("Wei", email="wei@example.com"),
        start=actions.Start(role.pk, date(2026, 1, 1), employee_number="B-1"),
    )
    values = actions.PersonValues("Wei Chen", "Wei", "w@example.com", "zh-hans")
    actions.change_person(actor=SYSTEM, pk=person.pk, version=1, values=values)
    actions.add_external_id(actor=SYSTEM, person_id=person.pk, source="hr", value="7")
    loan = actions.place(
        actor=SYSTEM,
        person_id=person.pk,
        site=site,
        values=actions.PlacementValues(role.pk, date(2026, 2, 1), kind="loan"),
    )
    actions.withdraw_placement(actor=SYSTEM, pk=loan.pk)
    actions.end_engagement(actor=SYSTEM, pk=person.engagements.get().pk, last_day=date(2026, 3, 1))
    actions.change_site(
        actor=SYSTEM, code=site.code, version=1, values=actions.SiteValues("Chengdu", site.code, "UTC", name_zh="成都")
    )
    rows = list(AuditEntry.objects.exclude(verb__startswith="access_").order_by("id"))
    assert {row.verb for row in rows} <= set(audit.verbs())
    assert {row.subject_type for row in rows} <= set(audit.subjects())
    changes = [change for line in lines_of(rows) for change in line.changes]
    labels = {str(change.label) for change in changes}
    assert not {label for label in labels if label == label.lower()}, labels
    shown = [(str(c.label), str(c.old), str(c.new)) for line in audit_of("site", site.pk) for c in line.changes]
    assert ("Time zone", "Asia/Shanghai", "UTC") in shown
    assert ("Name in Chinese", "None", "changed") in shown
    assert {line.subject.text for line in lines_of(rows)} == {"Wei", "Chengdu"}
    for private in ("Wei", "wei@", "B-1", "成都"):
        assert private not in str([row.changes for row in rows])


def test_search_finds_people_and_sites_and_leads_to_their_pages() -> None:
    site = SiteFactory(name="Chengdu", name_zh="成都", code="CTU")
    person = placed(site, name="陈伟明")
    PlacementFactory(site=site, person=EngagementFactory(person__name="Other", employer=site.partner).person)
    client = signed_in(Role.COORDINATOR, site=site)
    for text, url in (
        ("伟明", reverse("partners:person", args=[person.pk])),
        ("成都", reverse("partners:site", args=["CTU"])),
        ("ctu", reverse("partners:site", args=["CTU"])),
    ):
        assert f'href="{url}"' in client.get(reverse("home:search"), {"q": text}).text, text
