"""What the database refuses, whoever asks."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from portal.accounts.models import User
from tests.factories.api import ApiTokenFactory

pytestmark = pytest.mark.django_db


def refuses(name: str, sql: str, *params: object) -> None:
    """The statement breaks this constraint."""
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("api_token_whole", "name = ''"),
        ("api_token_whole", "scopes = '{}'"),
        ("api_token_hashed", "token_hash = 'pop_the-token-itself'"),
        ("api_token_hashed", "token_hash = upper(token_hash)"),
        ("api_token_expires", "expires_at = created_at"),
        ("api_token_expires", "expires_at = created_at + interval '365 days 1 second'"),
        ("api_token_expires", "expires_at = 'infinity'"),
        ("api_token_revoked_later", "revoked_at = created_at - interval '1 second'"),
        ('null value in column "expires_at"', "expires_at = NULL"),
    ],
)
def test_no_token_is_like_this(coordinator: User, name: str, change: str) -> None:
    ApiTokenFactory(user=coordinator, text="pop_letters-abc")
    refuses(name, f"UPDATE api_apitoken SET {change}")


def test_no_two_tokens_have_one_text(coordinator: User) -> None:
    one, two = ApiTokenFactory(user=coordinator), ApiTokenFactory(user=coordinator)
    refuses("token_hash", "UPDATE api_apitoken SET token_hash = %s WHERE id = %s", one.token_hash, two.pk)


def test_answers_are_kept_once_and_only_of_what_was_done(coordinator: User) -> None:
    token = ApiTokenFactory(user=coordinator)
    insert = (
        "INSERT INTO api_idempotentrequest (token_id, key, request_hash, status, body, created_at)"
        " VALUES (%s, %s, '', %s, '{}', %s)"
    )
    with connection.cursor() as cursor:
        cursor.execute(insert, [token.pk, "one", 201, timezone.now()])
    refuses("api_request_once", insert, token.pk, "one", 201, timezone.now())
    refuses("api_request_has_key", insert, token.pk, "", 201, timezone.now())
    for status in (199, 300, 422, 500):
        refuses("api_request_done", insert, token.pk, f"key-{status}", status, timezone.now())
