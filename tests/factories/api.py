"""Tokens made for tests, and a client that shows one."""

import json
from datetime import timedelta
from typing import Any

import factory
from django.test import Client
from django.utils import timezone

from portal.accounts.models import User
from portal.api.actions import hash_of
from portal.api.models import ApiToken
from tests.factories.accounts import UserFactory

READ, WRITE = "cases:read", "cases:write"


class ApiTokenFactory(factory.django.DjangoModelFactory):
    """A token that lives for a month and may do everything; `text=` is what is shown."""

    class Meta:
        model = ApiToken
        exclude = ("text",)

    text = factory.Sequence(lambda n: f"pop_test-token-{n}")
    user = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda n: f"Program {n}")
    scopes = (READ, WRITE)
    prefix = "pop_test"
    token_hash = factory.LazyAttribute(lambda made: hash_of(made.text))
    expires_at = factory.LazyAttribute(lambda made: made.created_at + timedelta(days=30))
    created_at = factory.LazyFunction(timezone.now)


class Program:
    """A client of the API: shows its token, sends JSON, and a new Idempotency-Key with every POST unless told one."""

    def __init__(self, user: User | None, *, scopes: tuple[str, ...] = (READ, WRITE), text: str = "") -> None:
        self.text = text or f"pop_test-{ApiToken.objects.count()}"
        self.token = ApiTokenFactory(user=user, text=self.text, scopes=list(scopes)) if user else None
        self.client, self.sent = Client(), 0

    def get(self, path: str, data: Any = None, **headers: str) -> Any:
        """GET under /api/v1."""
        return self.client.get(f"/api/v1{path}", data, headers=self._headers(headers))

    def post(self, path: str, body: Any, *, key: str | None = None, **headers: str) -> Any:
        """POST a JSON body, or bytes as they are."""
        self.sent += 1
        sent = {"Idempotency-Key": key if key is not None else f"key-{self.sent}", **headers}
        content = body if isinstance(body, bytes) else json.dumps(body)
        return self.client.post(f"/api/v1{path}", content, content_type="application/json", headers=self._headers(sent))

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.text}", **more}
