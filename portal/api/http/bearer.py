"""Who asks: a token in the Authorization header, and nothing else. Cookies do not count."""

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from ninja.security import HttpBearer

from portal.accounts.choices import Role
from portal.accounts.queries import actor_for, has_second_factor
from portal.accounts.rules import Actor
from portal.api import actions
from portal.api.models import ApiToken
from portal.api.queries import opened_by

from . import limits
from .parsing import check_head
from .problems import ProblemError

# For what every token may do.
ANY: Final = ""
_ASK: Final = {"WWW-Authenticate": 'Bearer realm="portal"'}


@dataclass(frozen=True, slots=True)
class Caller:
    """The token that was shown, and its person as an actor."""

    token: ApiToken
    actor: Actor


def caller_of(request: HttpRequest) -> Caller:
    """Who makes this request, as `Bearer` found out."""
    caller: Caller = vars(request)["auth"]
    return caller


class Bearer(HttpBearer):
    """Lets tokens with a scope in: the person's standing now is what they have, never more. Four queries at most."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Any | None:
        """The caller. Raises ProblemError: 401, 403 or 429, and 413 or 415 for a body that need not be read."""
        kind, _space, text = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not text.strip():
            raise ProblemError(401, "no_token", headers=_ASK)
        caller = self.authenticate(request, text.strip())
        check_head(request)
        return caller

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        """The caller by the text of a token. Raises ProblemError."""
        found = opened_by(actions.hash_of(token))
        if found is None or not found.user.is_active:
            limits.count_unknown(request)
            raise ProblemError(401, "bad_token", headers=_ASK)
        limits.count(found.user_id)
        actor = actor_for(found.user)
        if actor.has(Role.ADMINISTRATOR) and not has_second_factor(found.user_id):
            raise ProblemError(403, "second_factor_missing")
        if self.scope and self.scope not in found.scopes:
            raise ProblemError(403, "scope_missing")
        actions.note_use(found)
        return Caller(found, actor)


def needs(scope: str) -> dict[str, Any]:
    """Options of a route that tokens with this scope may use."""
    return {"auth": Bearer(scope), "openapi_extra": {"x-scope": scope}}
