"""How often a person's tokens may ask, and how often an address may show what opens nothing."""

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest

from portal import counting

from .problems import ProblemError


def count(user_id: int) -> None:
    """Count one request of a person, whichever of their tokens it shows: more tokens are not more requests. Raises ProblemError (429)."""
    within(f"api-requests:user:{user_id}", settings.API_REQUESTS_PER_MINUTE)


def count_unknown(request: HttpRequest) -> None:
    """Count one request with a token or a signature that opens nothing, by the address that sign-ins are counted by.
    Raises ProblemError (429)."""
    address = get_adapter().get_client_ip(request)
    within(f"api-requests:address:{address}", settings.API_REQUESTS_PER_MINUTE)


def within(what: str, most: int) -> None:
    """Count one. Raises ProblemError (429, with Retry-After in seconds) for more than `most` in a minute."""
    if counting.count(what) > most:
        raise ProblemError(429, "too_many_requests", headers={"Retry-After": str(counting.seconds_left())})
