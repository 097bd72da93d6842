"""Pages of this wing by name."""

from django.urls import NoReverseMatch, reverse


def address(name: str, *args: object) -> str:
    """The address of a page of this wing, "" where there is no such page."""
    try:
        return reverse(f"access:{name}", args=args)
    except NoReverseMatch:
        return ""


def request_url(number: int) -> str:
    """The page of a request."""
    return address("request", f"AR-{number}")
