"""What the database itself refuses of evidence packs, by SQL past every action."""

from typing import Any

import pytest
from django.db import Error, connection, transaction

from escalations.models import Case, EvidencePack
from tests.factories.escalations import CaseFactory, associate

pytestmark = pytest.mark.django_db
HASH = "a" * 64
FILE = "11111111-1111-1111-1111-111111111111"


def refused(sql: str, *values: Any) -> str:
    """Why the database does not do it."""
    with pytest.raises(Error) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
    return str(caught.value)


@pytest.fixture
def pack() -> EvidencePack:
    case: Case = CaseFactory()
    return EvidencePack.objects.create(case=case, asked_by_id=associate(case.service).user_id, language="en")


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("state = 'gone'", "evidence_state_known"),
        ("state = 'ready'", "evidence_ready_is_whole"),
        (
            f"state = 'ready', file_id = '{FILE}', expires_at = now(), sha256 = 'x', manifest_sha256 = '{HASH}'",
            "evidence_ready_is_whole",
        ),
        (f"file_id = '{FILE}'", "evidence_file_if_ready"),
        (f"state = 'expired', file_id = '{FILE}'", "evidence_file_if_ready"),
    ],
)
def test_what_no_pack_is(pack: EvidencePack, change: str, name: str) -> None:
    assert name in refused(f"UPDATE escalations_evidencepack SET {change} WHERE id = %s", pack.pk)


def test_a_file_is_of_one_pack(pack: EvidencePack) -> None:
    ready = f"state = 'ready', file_id = '{FILE}', expires_at = now(), sha256 = '{HASH}', manifest_sha256 = '{HASH}'"
    asker = associate(pack.case.service).user_id
    other = EvidencePack.objects.create(case=pack.case, asked_by_id=asker, language="en")
    change = f"UPDATE escalations_evidencepack SET {ready} WHERE id = %s"
    with connection.cursor() as cursor:
        cursor.execute(change, [pack.pk])
    assert "file_id" in refused(change, other.pk)


def test_one_is_made_at_a_time_of_a_case_for_somebody(pack: EvidencePack) -> None:
    again = (
        "INSERT INTO escalations_evidencepack (case_id, asked_by_id, asked_at, language, state, attempts, fault, cases, sha256,"
        " manifest_sha256) SELECT case_id, asked_by_id, now(), 'en', 'waiting', 0, '', '{}', '', ''"
        " FROM escalations_evidencepack WHERE id = %s"
    )
    assert "evidence_one_waiting" in refused(again, pack.pk)
    EvidencePack.objects.filter(pk=pack.pk).update(state="failed")
    with connection.cursor() as cursor:
        cursor.execute(again, [pack.pk])
