"""Cookies, headers and bodies that no browser of ours would send: a page that says something, never an error of ours."""

import pytest
from django.test import Client

from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
PAGES = (
    "/accounts/login/",
    "/account/",
    "/accounts/password/reset/",
    "/accounts/password/reset/key/1-x/",
    "/account/invitation/x/",
)


@pytest.mark.parametrize(
    "cookie",
    [
        r'sessionid="aaaaaaaaaa\000b"',
        "sessionid=" + "a" * 5000,
        "sessionid=aaaaaaaaaa\xff",
        "sessionid=' OR 1=1 --",
        r'csrftoken="\000"',
        r'messages="\000x"',
        r'django_language="\000"',
        r'theme="\000"',
    ],
)
def test_a_strange_cookie_is_as_good_as_none(cookie: str, client: Client) -> None:
    assert client.get("/account/", HTTP_COOKIE=cookie)["Location"] == "/accounts/login/?next=/account/"
    assert "Sign in" in client.get("/accounts/login/", HTTP_COOKIE=cookie).content.decode()


@pytest.mark.parametrize(
    "target", ["\x00", "//evil.example", "https://evil.example/", "javascript:alert(1)", "\\\\evil.example"]
)
def test_nobody_is_led_elsewhere_after_signing_in(target: str, client: Client) -> None:
    form = {"login": UserFactory().email, "password": PASSWORD, "next": target}

    assert client.post("/accounts/login/", form)["Location"] == "/"


@pytest.mark.parametrize(
    "header",
    [
        {"Accept-Language": "\x00"},
        {"Accept-Language": "x" * 5000},
        {"X-Requested-With": "XMLHttpRequest"},
        {"Accept": "application/json"},
        {"X-Forwarded-For": "x,y"},
        {"User-Agent": "\x00" * 10},
        {"HX-Request": "true"},
        {"HX-Current-URL": "\x00"},
    ],
)
def test_strange_headers_are_no_error(header: dict[str, str], client: Client) -> None:
    for path in PAGES:
        assert client.get(path, headers=header).status_code < 500
        assert client.post(path, {"login": "x", "email": "x"}, headers=header).status_code < 500


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b"login=\xff\xfe&password=%ff", "application/x-www-form-urlencoded"),
        (b"--x", "multipart/form-data"),
        (b"--x", "multipart/form-data; boundary=x"),
        (b"a=" + b"x" * 10_000_000, "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=1" % n for n in range(3000)), "application/x-www-form-urlencoded"),
    ],
    ids=["json", "bytes", "no boundary", "cut off", "10 MB", "3000 fields"],
)
def test_strange_bodies_are_no_error(body: bytes, kind: str, client: Client) -> None:
    for path in PAGES:
        response = client.post(path, data=body, content_type=kind)
        assert response.status_code < 500
        assert response.content or response.status_code == 302
