"""What htmx is told when nobody is signed in any more: the way to the sign-in, and from there back to the page that is shown."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
PAGE = "http://testserver/cases/EC-1/?kind=note"


def told(page: str, method: str = "post") -> tuple[int, str, bool]:
    """Status, the page that the sign-in leads back to, and whether the browser leaves the page that it shows."""
    headers = {**HTMX, "HX-Current-URL": page}
    address = "/cases/EC-1/note/" if method == "post" else "/ui/counts/"
    response = getattr(Client(), method)(address, headers=headers)
    place = urlsplit(response["X-Sign-In"])
    assert place.path == "/accounts/login/"
    return response.status_code, parse_qs(place.query).get("next", [""])[0], "HX-Redirect" in response


def test_what_was_sent_leaves_the_page_as_it_is() -> None:
    assert told(PAGE) == (401, "/cases/EC-1/?kind=note", False)


def test_what_was_asked_for_leads_to_the_sign_in_and_back() -> None:
    assert told(PAGE, "get") == (204, "/cases/EC-1/?kind=note", True)


@pytest.mark.parametrize(
    "page",
    [
        "",
        "http://evil.test/cases/EC-1/",
        "http://testserver//evil.test/",
        "http://testserver/\\evil.test/",
        "http://testserver///evil.test",
        "javascript:alert(1)",
        "//evil.test/",
        "http://[",
        "http://testserver",
    ],
)
def test_no_other_place_is_led_back_to(page: str) -> None:
    status, place, leaves = told(page)
    assert (status, leaves) == (401, False)
    assert place == ""
