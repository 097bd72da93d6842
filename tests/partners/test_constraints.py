"""What the database refuses, whoever writes: raw statements, no form and no action in between."""

from typing import Any

import psycopg
import pytest
from django.db import Error, connection, transaction

from partners.models import Placement
from tests.factories.partners import (
    EngagementFactory,
    ExternalIdFactory,
    JobRoleFactory,
    PartnerFactory,
    PersonFactory,
    PlacementFactory,
    ProgrammeFactory,
    SiteFactory,
    TeamFactory,
    days,
)

pytestmark = pytest.mark.django_db


def run(statement: str, values: Any) -> None:
    """Run a statement as any other program could."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def refused(statement: str, values: Any) -> str:
    """Run a statement that must fail; the constraint's name, or the SQL state where there is none."""
    with pytest.raises(Error) as caught:
        run(statement, values)
    cause = caught.value.__cause__
    assert isinstance(cause, psycopg.Error)
    return cause.diag.constraint_name or cause.sqlstate or ""


PLACE = """
INSERT INTO partners_placement (version, person_id, site_id, programme_id, team_id, job_role_id, lead_id, kind, period)
VALUES (1, %(person)s, %(site)s, %(programme)s, %(team)s, %(role)s, %(lead)s, %(kind)s, %(period)s::daterange)
"""
ENGAGE = """
INSERT INTO partners_engagement (version, person_id, employer_id, employee_number, period)
VALUES (1, %s, %s, %s, %s::daterange)
"""


@pytest.fixture
def base() -> dict[str, Any]:
    """A person engaged from 2024 on, with a primary placement in the first half of 2025."""
    site = SiteFactory()
    person = EngagementFactory(employer=site.partner, period=days("2024-01-01")).person
    PlacementFactory(site=site, person=person, period=days("2025-01-01", "2025-06-30"))
    return {
        "person": person.pk,
        "site": site.pk,
        "programme": None,
        "team": None,
        "role": JobRoleFactory().pk,
        "lead": None,
        "kind": "primary",
        "period": "[2025-07-01,)",
    }


def place(values: dict[str, Any]) -> None:
    run(PLACE, values)


def refuse_place(values: dict[str, Any]) -> str:
    return refused(PLACE, values)


def test_primary_placements_touch_but_do_not_overlap(base: dict[str, Any]) -> None:
    assert refuse_place({**base, "period": "[2025-06-30,2025-07-02)"}) == "placement_primary_overlap"
    place(base)
    # The one that is open now reaches into every later day.
    assert refuse_place({**base, "period": "[2090-01-01,2090-02-01)"}) == "placement_primary_overlap"


def test_a_loan_overlaps_a_primary_but_not_its_like(base: dict[str, Any]) -> None:
    loan = {**base, "kind": "loan", "period": "[2025-02-01,)"}
    place(loan)
    assert refuse_place({**loan, "period": "[2025-03-01,2025-03-02)"}) == "placement_loan_overlap"
    programme = ProgrammeFactory(site_id=base["site"])
    place({**loan, "programme": programme.pk})


def test_a_withdrawn_placement_is_in_nobodys_way(base: dict[str, Any]) -> None:
    Placement.objects.update(cancelled_at="2025-01-01T00:00Z")
    place({**base, "period": "[2025-01-01,)"})
    assert Placement.objects.filter(cancelled_at=None).count() == 1


def test_nobody_leads_themselves(base: dict[str, Any]) -> None:
    assert refuse_place({**base, "lead": base["person"]}) == "placement_own_lead"
    place({**base, "lead": PersonFactory().pk})


@pytest.mark.parametrize("period", ["[2023-12-31,2024-02-01)", "[2023-01-01,2023-02-01)", "[2023-01-01,)"])
def test_a_placement_lies_within_an_engagement(base: dict[str, Any], period: str) -> None:
    assert refuse_place({**base, "kind": "loan", "period": period}) == "placement_within_engagement"


def test_two_engagements_side_by_side_do_not_cover_what_crosses_them(base: dict[str, Any]) -> None:
    person = EngagementFactory(period=days("2020-01-01", "2020-12-31")).person
    EngagementFactory(person=person, period=days("2021-01-01"))
    crossing = {**base, "person": person.pk, "period": "[2020-12-01,2021-02-01)"}
    assert refuse_place(crossing) == "placement_within_engagement"


def test_an_engagement_is_not_taken_from_under_its_placements(base: dict[str, Any]) -> None:
    shorten = "UPDATE partners_engagement SET period = '[2024-01-01,2025-06-30)' WHERE person_id = %s"
    assert refused(shorten, [base["person"]]) == "engagement_covers_placements"
    delete = "DELETE FROM partners_engagement WHERE person_id = %s"
    assert refused(delete, [base["person"]]) == "engagement_covers_placements"
    with connection.cursor() as cursor:
        cursor.execute(shorten.replace("06-30", "07-01"), [base["person"]])
        assert cursor.rowcount == 1


@pytest.mark.parametrize("period", ["empty", "(,2026-01-01)", "[2026-01-01,2026-01-01)"])
def test_a_period_has_a_first_day_and_lasts_one(base: dict[str, Any], period: str) -> None:
    assert refused(ENGAGE, [PersonFactory().pk, PartnerFactory().pk, "", period]) == "engagement_period_bounded"


def test_engagements_of_a_person_do_not_overlap(base: dict[str, Any]) -> None:
    values = [base["person"], PartnerFactory().pk, "", "[2030-01-01,2030-02-01)"]
    assert refused(ENGAGE, values) == "engagement_overlap"


def test_an_employee_number_names_one_person_at_a_time() -> None:
    known = EngagementFactory(employee_number="ab-7", period=days("2024-01-01", "2024-12-31"))
    other = PersonFactory()
    values = [other.pk, known.employer_id, "AB-7", "[2024-12-31,)"]
    assert refused(ENGAGE, values) == "engagement_number_overlap"
    EngagementFactory(person=other, employer=known.employer, employee_number="AB-7", period=days("2025-01-01"))


def test_programme_and_team_belong_to_the_place(base: dict[str, Any]) -> None:
    own, foreign = ProgrammeFactory(site_id=base["site"]), ProgrammeFactory()
    assert refuse_place({**base, "programme": foreign.pk}) == "placement_programme_of_site"
    foreign_team = TeamFactory(programme=foreign)
    assert refuse_place({**base, "programme": own.pk, "team": foreign_team.pk}) == "placement_team_of_programme"
    assert refuse_place({**base, "team": foreign_team.pk}) == "placement_team_needs_programme"
    place({**base, "programme": own.pk, "team": TeamFactory(programme=own).pk})


def test_a_programme_with_people_does_not_move_to_another_site(base: dict[str, Any]) -> None:
    programme = ProgrammeFactory(site_id=base["site"])
    place({**base, "programme": programme.pk})
    move = "UPDATE partners_programme SET site_id = %s WHERE id = %s"
    assert refused(move, [SiteFactory().pk, programme.pk]) == "placement_programme_of_site"


SITE = "INSERT INTO partners_site (version, name, name_zh, partner_id, code, time_zone) VALUES (1, 'x', '', %s, %s, %s)"


@pytest.mark.parametrize(
    ("zone", "answer"),
    [
        ("Mars/Olympus", "22023"),
        ("CST", "site_time_zone_known"),
        ("UTC+8", "site_time_zone_known"),
        ("", "site_time_zone_known"),
        ("asia/shanghai", "site_time_zone_known"),
    ],
)
def test_a_site_has_a_time_zone_that_exists(zone: str, answer: str) -> None:
    assert refused(SITE, [PartnerFactory().pk, "X1", zone]) == answer


def test_codes_are_unique_and_look_like_codes() -> None:
    site = SiteFactory(code="CTU")
    assert refused(SITE, [site.partner_id, "CTU", "UTC"]) == "site_code_unique"
    assert refused(SITE, [site.partner_id, "ctu", "UTC"]) == "site_code_format"


def test_an_external_id_is_unique_within_its_source() -> None:
    known = ExternalIdFactory(source="hr", value="7")
    ExternalIdFactory(source="idp", value="7")
    statement = "INSERT INTO partners_externalid (person_id, source, value) VALUES (%s, 'hr', '7')"
    assert refused(statement, [PersonFactory().pk]) == "external_id_unique"
    assert known.person.external_ids.count() == 1


def test_an_email_names_one_person_and_none_names_nobody() -> None:
    PersonFactory(email="a@example.com")
    PersonFactory(email="")
    PersonFactory(email="")
    statement = (
        "INSERT INTO partners_person (version, name, preferred_name, email, language)"
        " VALUES (1, 'x', '', 'A@example.com', 'en')"
    )
    assert refused(statement, []) == "person_email_unique"
