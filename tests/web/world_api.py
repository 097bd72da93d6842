"""The coordinator's token, and an address that no route answers."""

from typing import Any

from portal.accounts.models import User
from tests.factories.api import ApiTokenFactory


def api_args(coordinator: User) -> dict[str, dict[str, Any]]:
    """For the addresses of the API."""
    token = ApiTokenFactory(user=coordinator, name="Feed of the day")
    return {"api_token": {"pk": token.pk}, "api_rest": {"rest": "nothing/here"}}
