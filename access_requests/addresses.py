"""Pages of this wing by name."""

from django.urls import reverse


def address(name: str, *args: object) -> str:
    """The address of a page of this wing. Raises NoReverseMatch."""
    return reverse(f"access:{name}", args=args)


def request_url(number: int) -> str:
    """The page of a request."""
    return address("request", f"AR-{number}")
