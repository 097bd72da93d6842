"""Error pages, the reader's theme and language, the palette, the gallery: through the portal as it is put together."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from portal.accounts.models import Membership, User
from portal.ui import registry
from portal.ui.middleware import ErrorPageMiddleware
from portal.ui.registry import SearchHit, SearchSource
from portal.ui.views import server_error

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(client: Client) -> Client:
    """Signed in as somebody without scope and without administration."""
    user = User.objects.create(email="nora@company.example", name="Nora Auditor")
    Membership.objects.create(user=user, role="auditor")
    client.force_login(user)
    return client


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_an_unknown_address_says_so_and_leads_home(client: Client) -> None:
    response = client.get("/nothing-here/")
    assert response.status_code == 404
    assert "There is nothing here for you" in text(response)
    assert 'href="/"' in text(response)


def test_error_pages_speak_the_readers_language_where_they_can(client: Client) -> None:
    response = client.get("/nothing-here/", headers={"accept-language": "zh-CN,zh;q=0.9"})
    assert '<html lang="zh-Hans"' in text(response)


@pytest.mark.parametrize(
    ("status", "words"), [(405, "This page cannot be used that way"), (413, "That was too much at once")]
)
def test_bare_refusals_get_a_page(status: int, words: str) -> None:
    served = ErrorPageMiddleware(lambda _request: HttpResponse(status=status))(RequestFactory().post("/"))
    assert (served.status_code, words in text(served)) == (status, True)
    spoken = ErrorPageMiddleware(lambda _request: HttpResponse("own words", status=status))(RequestFactory().post("/"))
    assert text(spoken) == "own words"


@pytest.mark.parametrize("url", ["/nothing-here/", "/search/?q=a", "/healthz"])
def test_what_is_kept_of_an_answer_to_htmx_is_not_shown_as_a_page(auditor: Client, url: str) -> None:
    named = {"HX-Request", "HX-Boosted", "HX-History-Restore-Request"}
    for headers in ({}, {"HX-Request": "true"}):
        answer = auditor.get(url, headers=headers)
        assert named <= {part.strip() for part in answer["Vary"].split(",")}


def test_a_form_from_elsewhere_is_refused_with_a_page_of_ours() -> None:
    response = Client(enforce_csrf_checks=True).post("/ui/theme/", {"theme": "dark"})
    assert response.status_code == 403
    assert "Not saved: the form was too old" in text(response)


def test_the_page_for_our_own_mistakes_needs_nothing() -> None:
    response = server_error(object())  # type: ignore[arg-type]
    assert response.status_code == 500
    assert "Something failed on our side" in text(response)


@pytest.mark.parametrize("path", ["/ui/theme/", "/ui/language/"])
@pytest.mark.parametrize("value", ["", "blue", "\x00", "x" * 5000])
def test_an_unknown_choice_is_a_bad_request(client: Client, path: str, value: str) -> None:
    response = client.post(path, {"theme": value, "language": value})
    assert response.status_code == 400
    assert "We could not read this address" in text(response)
    assert {"theme", "django_language"} & set(response.cookies) == set()


@pytest.mark.parametrize(
    ("target", "arrival"),
    [
        ("/inbox/?a=1", "/inbox/?a=1"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_choices_lead_back_and_nowhere_else(client: Client, target: str, arrival: str) -> None:
    response = client.post("/ui/theme/", {"theme": "dark", "next": target})
    assert (response.status_code, response["Location"]) == (302, arrival)
    assert response.cookies["theme"].value == "dark"
    assert response.cookies["theme"]["httponly"]


def test_a_visitor_chooses_the_language(client: Client) -> None:
    client.post("/ui/language/", {"language": "zh-hans"})
    assert '<html lang="zh-Hans"' in text(client.get("/accounts/login/"))


def test_a_forged_theme_cookie_is_ignored(auditor: Client) -> None:
    auditor.cookies["theme"] = '"><script>'
    page = text(auditor.get("/"))
    assert "data-theme" not in page
    assert "<script>" not in page


def test_the_shell_names_the_reader_and_keeps_to_the_policy(auditor: Client) -> None:
    response = auditor.get("/")
    page = text(response)
    assert "Nora Auditor" in page
    assert "Auditor</span>" in page
    assert "unsafe" not in response["Content-Security-Policy"]
    assert " style=" not in page
    assert " onclick=" not in page


def test_the_gallery_is_for_administrators(auditor: Client) -> None:
    assert auditor.get("/ui/components/").status_code == 404


def test_the_palette_finds_pages_and_what_the_wings_find(auditor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def find(actor: Any, wanted: str, limit: int) -> list[SearchHit]:
        asked.append((wanted, limit))
        return [SearchHit("EC-1 <b>", "Payments", "/cases/EC-1/", "inbox")]

    monkeypatch.setattr(registry, "_searches", {"cases": SearchSource("cases", "Cases", find)})
    page = text(auditor.get("/ui/palette/", {"q": " refund\x00 "}))
    assert asked == [("refund", 6)]
    assert "EC-1 &lt;b&gt;" in page
    assert "My day" in text(auditor.get("/ui/palette/", {"q": "my D"}))
    assert asked[-1] == ("my D", 6)
    auditor.get("/ui/palette/", {"q": "x" * 9000})
    assert len(asked[-1][0]) == 200


def test_the_palette_asks_a_visitor_to_sign_in(client: Client) -> None:
    assert client.get("/ui/palette/")["Location"].startswith("/accounts/login/")
