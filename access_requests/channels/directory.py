"""A system's SCIM directory: users and groups, looked up, made, changed and read back. SCIM 2.0 (RFC 7643, RFC 7644)."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final, cast

import httpx2
from scim2_client import RequestNetworkException, SCIMClientException
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import (
    Email,
    Group,
    ListResponse,
    PatchOp,
    PatchOperation,
    ResponseParameters,
    SCIMException,
    ScimPolicy,
    ScimProvider,
    SearchRequest,
    User,
)

from portal.notifications.registry import RetryLater, Undeliverable
from portal.sealing import SealBrokenError, unseal
from portal.webhooks import silence
from portal.webhooks.client import guarded_client
from portal.webhooks.delivery import retry_after
from portal.webhooks.guard import BlockedError

from ..models import System

# Servers send attributes of their own; those are let be.
_PROVIDER: Final = ScimProvider(models=(User, Group), policy=ScimPolicy(unknown=ScimPolicy.Unknown.ignore))
_PASSING: Final = frozenset({408, 423, 425, 429})
_REFUSED: Final = frozenset({401, 403})
_OURS: Final = re.compile(r"person-\d+")
#: Of one answer: a group of some ten thousand members.
MAX_ANSWER: Final = 8 * 1024 * 1024


@contextmanager
def directory_of(system: System) -> Iterator["Directory"]:
    """The directory of a system, for as long as the block lasts.

    What goes wrong in the block is raised as RetryLater (it passes) or Undeliverable (it does not). A system that did not
    answer a moment ago is not asked.
    """
    silence.check(system.scim_url, system.name)
    talk = _Talk()
    try:
        headers = {"authorization": f"Bearer {unseal(system.scim_token)}"} if system.scim_token else {}
        with guarded_client(base_url=system.scim_url, headers=headers, max_answer=MAX_ANSWER) as http:
            http.event_hooks = {"request": [talk.asks], "response": [talk.answers]}
            yield Directory(SyncSCIMClient(http, provider=_PROVIDER))
    except (BlockedError, SealBrokenError) as error:
        raise Undeliverable(str(error)) from error
    except RequestNetworkException as error:
        cause, talk.status = error.__cause__ or error, 0
        raise RetryLater(f"{type(cause).__name__}: {cause}", after=talk.note(system.scim_url)) from error
    except (SCIMException, SCIMClientException) as error:
        talk.note(system.scim_url)
        raise _named(error) from error
    except (RetryLater, Undeliverable):
        talk.note(system.scim_url)
        raise
    talk.note(system.scim_url)


class _Talk:
    """How the last request of a block went: how long it took to the answer's head, and its status; 0: there was none."""

    def __init__(self) -> None:
        self.began, self.ended, self.status = 0.0, 0.0, 0

    def asks(self, _request: httpx2.Request) -> None:
        self.began, self.ended, self.status = time.monotonic(), 0.0, 0

    def answers(self, answer: httpx2.Response) -> None:
        self.ended, self.status = time.monotonic(), answer.status_code
        _judge(answer)

    def note(self, address: str) -> float | None:
        """Say how it went; for how many seconds the system is left alone."""
        if not self.began:
            return None
        waited = (self.ended if self.status else time.monotonic()) - self.began
        return silence.note(address, waited, answered=0 < self.status < 500)


def _judge(answer: httpx2.Response) -> None:
    """Tell what passes and what nobody but a person can change, before the body is looked at."""
    status = answer.status_code
    if status >= 500 or status in _PASSING:
        wait = retry_after(answer.headers.get("retry-after", ""), datetime.now(UTC))
        raise RetryLater(f"answered {status}", after=wait)
    if status in _REFUSED:
        raise Undeliverable(f"answered {status}: the token is not accepted")


def status_of(error: Exception) -> int:
    """The status of the answer that an error stands for; 0 if it was none."""
    source = getattr(error, "source", None)
    return int(getattr(source, "status_code", 0) or getattr(error, "status", 0) or 0)


def _named(error: Exception) -> Exception:
    status = status_of(error)
    said = f"answered {status}: {getattr(error, 'detail', '') or error}" if status else str(error)
    return Undeliverable(said) if 400 <= status < 500 and status != 409 else RetryLater(said)


class Directory:
    """Users and groups of one system. Everything looks before it acts, so that doing it again does no harm."""

    def __init__(self, client: SyncSCIMClient) -> None:
        self._client = client
        self._groups: dict[str, str | None] = {}

    def user(self, person_id: int, email: str, known: str = "") -> User | None:
        """Somebody's account: by the id that the system gave, by ours, by the e-mail address. Raises Undeliverable.

        An account that carries another person's id of ours is not theirs, whatever its name.
        """
        found = self._read(known) if known else None
        found = found or self._only(User, f'externalId eq "{external_id(person_id)}"')
        found = found or (self._only(User, f"userName eq {_quoted(email)}") if email else None)
        if found and _OURS.fullmatch(found.external_id or "") and found.external_id != external_id(person_id):
            raise Undeliverable("other_person")
        return found

    def make(self, person_id: int, name: str, email: str) -> User:
        """Create an account, or adopt the one that turns out to be there."""
        if not email:
            raise Undeliverable("no_email")
        new = User(
            user_name=email,
            external_id=external_id(person_id),
            display_name=name,
            name=User.Name(formatted=name),
            emails=[Email(value=email, primary=True)],
            active=True,
        )
        try:
            return cast(User, self._client.create(new))
        except (SCIMException, SCIMClientException) as error:
            if status_of(error) != 409:
                raise
        there = self.user(person_id, email)
        if there is None:
            raise RetryLater("answered 409, and there is no such account")
        return there

    def let_in(self, user: User, active: bool) -> None:
        """Open or close an account."""
        if (user.active is not False) != active:
            self._patch(User, str(user.id), "replace", "active", active)

    def group(self, value: str) -> str | None:
        """The id of a group by its display name, else by its id; None if there is none. Looked up once."""
        if value not in self._groups:
            found = self._only(Group, f"displayName eq {_quoted(value)}", without=["members"])
            found = found or self._found(Group, value, without=["members"])
            self._groups[value] = str(found.id) if found else None
        return self._groups[value]

    def is_member(self, user: User, group_id: str) -> bool:
        """Whether an account, as just read, is in a group."""
        if user.groups is not None:
            return any(one.value == group_id for one in user.groups)
        group = self._found(Group, group_id)
        return group is not None and any(one.value == user.id for one in group.members or [])

    def join(self, user: User, group_id: str) -> None:
        """Put an account into a group."""
        self._patch(Group, group_id, "add", "members", [{"value": user.id}])

    def leave(self, user: User, group_id: str) -> None:
        """Take an account out of a group."""
        self._patch(Group, group_id, "remove", f"members[value eq {_quoted(str(user.id))}]")

    def again(self, user: User) -> User | None:
        """The account as it is now; None if it is gone."""
        return self._read(str(user.id))

    def _read(self, account: str) -> User | None:
        return self._found(User, account)

    def _found[T: (User, Group)](self, kind: type[T], pk: str, without: list[str] | None = None) -> T | None:
        asked = ResponseParameters[kind](excluded_attributes=without) if without else None  # type: ignore[valid-type]
        try:
            return cast(T, self._client.query(kind, pk, query_parameters=asked))
        except (SCIMException, SCIMClientException, ValueError) as error:
            if status_of(error) not in {400, 404}:
                raise
            return None

    def _only[T: (User, Group)](self, kind: type[T], filter_: str, without: list[str] | None = None) -> T | None:
        asked: Any = SearchRequest[kind](filter=filter_, excluded_attributes=without)  # type: ignore[valid-type]
        answer = cast("ListResponse[T]", self._client.query(kind, query_parameters=asked))
        found = list(answer.resources or [])
        if len(found) > 1:
            raise Undeliverable("ambiguous")
        return found[0] if found else None

    def _patch(self, kind: type[User] | type[Group], pk: str, op: str, path: str, value: object = None) -> None:
        given = {} if value is None else {"value": value}
        operation = PatchOperation[kind](op=op, path=path, **given)  # type: ignore[valid-type]
        # Groups may have thousands of members: they are neither asked for nor looked at.
        self._client.modify(
            kind, pk, PatchOp[kind](operations=[operation]), check_response_payload=False,  # type: ignore[valid-type]
            expected_status_codes=[200, 204], params={"excludedAttributes": "members"},
        )  # fmt: skip


def external_id(person_id: int) -> str:
    """What we call a person in other systems."""
    return f"person-{person_id}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
