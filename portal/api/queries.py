"""Reads of tokens."""

from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.rules import Actor
from portal.api.models import ApiToken

MAX_ID: Final = 2**63 - 1


def may_see_all(actor: Actor) -> bool:
    """Whether the actor sees and revokes the tokens of all people."""
    return actor.can("manage_users")


def tokens_visible_to(actor: Actor) -> QuerySet[ApiToken]:
    """One's own tokens; for administrators everybody's."""
    rows = ApiToken.objects.select_related("user")
    return rows if may_see_all(actor) else rows.filter(user=actor.user_id or 0)


def own_tokens(actor: Actor) -> QuerySet[ApiToken]:
    """The actor's own, the newest first."""
    return ApiToken.objects.filter(user=actor.user_id or 0).order_by("-id")


def opened_by(token_hash: str) -> ApiToken | None:
    """The live token of this hash, with what a request asks of it and of its person; None if there is none. One query."""
    sql, values = _opening()
    given: dict[Any, Any] = {_SOME_HASH: token_hash, _SOME_TIME: timezone.now()}
    with connection.cursor() as cursor:
        cursor.execute(sql, [given.get(value, value) for value in values])
        row = cursor.fetchone()
    if row is None:
        return None
    db = connection.alias
    token = ApiToken.from_db(db, ["id", "user_id", "scopes", "last_used_at"], row[:4])
    token.user = User.from_db(db, ["id", "is_active", "person_id"], row[4:])
    return token


# Every request asks this, and putting the query together costs more than asking it: so that is done once, for these two.
_SOME_HASH: Final = "a hash"
_SOME_TIME: Final = datetime(1, 1, 2, tzinfo=UTC)


@cache
def _opening() -> tuple[str, tuple[Any, ...]]:
    """The statement for `opened_by`, and its values."""
    names = ("id", "user_id", "scopes", "last_used_at", "user__id", "user__is_active", "user__person_id")
    rows = ApiToken.objects.filter(_alive(_SOME_TIME), token_hash=_SOME_HASH).order_by().values_list(*names)
    sql, values = rows.query.sql_with_params()
    return sql, tuple(values)


def alive() -> Q:
    """Tokens that open something: neither revoked nor past their day."""
    return _alive(timezone.now())


def _alive(at: datetime) -> Q:
    return Q(revoked_at=None, expires_at__gt=at)
