"""Whatever is sent to any address: an answer that says something, never a failure of ours, and nothing half-written."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection, transaction
from django.test import Client, RequestFactory
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoDbBlocker

from escalations.models import Case, TimelineEntry
from portal.ui.charsets import readable, with_readable_types
from tests.escalations.pages_world import HTMX
from tests.web.matrix import MATRIX
from tests.web.world import ANONYMOUS, ROLES, Everything, everything

pytestmark = pytest.mark.django_db
HUGE = 10 * 1024 * 1024

# As they stand in an address, quoted.
PARTS = (
    "0", "-1", "1e9", "9" * 18, "9" * 19, "9" * 400, "a" * 3000, "%00", "a%00b", "%FF%FE", "%ED%A0%80", "..%2F..%2Fetc",
    "%2E%2E", quote("🦄"), quote("１２"), quote("٣"), "%0D%0AX:y", "<script>", "EC-0", "ec-1", "EC-" + "9" * 30, "%C0%AE",
)  # fmt: skip
QUERIES = (
    "%00", "%FF%FE", "q=%00", "q=%3F%21", "q=%ED%A0%80", "q=" + "a" * 4000, "q=%25%27%5C%28%26%7C%21%3A*", "q=" + quote("永" * 200), "cursor=%00",
    "cursor=" + "A" * 3000, "cursor=before:" + "9" * 18, "cursor=before:" + "9" * 400, "cursor=" + quote("[1e999,null]"),
    "site=9999999999999999999999&service=-1&owner=x&issue=%00&user=1e3", "site=" + "9" * 18 + "&owner=0&case=" + "9" * 18,
    "tab=%00&show=%00&state=x&severity=9&age=%00&sort=x&page=-1", "since=0001-01-01&until=9999-12-31", "since=9999-12-31&until=0001-01-01",
    "first_day=0001-01-01&last_day=9999-12-31&day=9999-12-31&year=99999&country=%00", "subject_id=" + "9" * 30 + "&subject_type=case",
    "subject_id=" + "9" * 18, "actor=%00&verb=%00", "presence=x&archived=x&scope=site:" + "9" * 30, "scope=site:x&role=x&state=x",
    "version=%00&v=%00&next=//evil.example&ref=%00&token=%00", "&".join(f"a{n}=1" for n in range(2100)), "a=1&a=2&a=3&q=1&q=2",
    "op=assign&" + "&".join(f"case={n}" for n in range(300)), "op=severity&case=%00&case=" + "9" * 30,
)  # fmt: skip
VALUES = (
    "\x00", "a\x00b", "", " ", "0", "-1", "9" * 18, "9" * 30, "1e400", "NaN", "None", "[]", "{}", "0001-01-01", "9999-12-31",
    "9999-12-31T23:59:59", "2026-13-45", "24:00", "99:99", "Mars/Olympus", "../../etc/passwd", "<script>alert(1)</script>", '=HYPERLINK("x")',
    "🦄" * 300, "\u202e", "\ufeff", "%s%s%n", "a" * 50_000, "x@example.test", "true", "en", "site:1", "site:" + "9" * 30,
)  # fmt: skip
FINE = {200, 204, 301, 302, 303, 304, 400, 403, 404, 405, 409, 410, 413, 415, 416, 422, 429}


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Everything]:
    """The world, built once and taken back after the last test."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = everything()
        for client in made.clients.values():
            client.raise_request_exception = False
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def made(built: Everything, db: None) -> Everything:
    """The same for one test, in a savepoint."""
    return built


def best(row: Any, statuses: list[int]) -> str:
    """Somebody who gets further than a redirect or a refusal at this address; the administrator where nobody does."""
    for wanted in (200, 422, 409, 302):
        for role, status in reversed(list(zip(ROLES, statuses, strict=True))):
            if status == wanted and role not in (ANONYMOUS, "stand_in", "foreign_coordinator", "foreign_lead"):
                return role
    return "administrator"


def doors(made: Everything) -> Iterator[tuple[str, str, str, Any]]:
    """Name, address, and who may read and write there, for every address."""
    for name, row in MATRIX.items():
        yield name, reverse(name, kwargs=made.args[row.args] if row.args else None), best(row, row.get), row


def ask(client: Client, method: str, *args: Any, **kwargs: Any) -> Any:
    """One request, whose writes are taken back; the connection must be usable afterwards."""
    cookies = client.cookies.output()
    with transaction.atomic():
        if "content_type" in kwargs:
            kwargs["content_type"] = readable(kwargs["content_type"])
        answer = getattr(client, method)(*args, **kwargs)
        if answer.streaming:
            b"".join(answer)
        usable = not connection.needs_rollback
        transaction.set_rollback(True)
    if client.cookies.output() != cookies:
        _restore(client, cookies)
    assert usable, args
    return answer


def _restore(client: Client, cookies: str) -> None:
    from http.cookies import SimpleCookie

    client.cookies = SimpleCookie("\n".join(line.removeprefix("Set-Cookie: ") for line in cookies.splitlines()))


def wrong(answer: Any, *about: object) -> list[str]:
    """A line if this is no answer of ours: a failure, or a refusal without a page."""
    if answer.status_code not in FINE:
        return [f"{answer.status_code} {about}"]
    silent = answer.status_code >= 400 and not answer.streaming and not answer.content
    return [f"empty {answer.status_code} {about}"] if silent else []


def test_any_query_string_at_any_address(made: Everything) -> None:
    found = []
    for number, (name, url, who, row) in enumerate(doors(made)):
        if 200 not in row.get:
            continue
        for step, query in enumerate(QUERIES):
            if (number + step) % 8 == 0 or name.startswith(("escalations:queue-rows", "audit")):
                headers = HTMX if step % 2 else {}
                found += wrong(ask(made.clients[who], "get", f"{url}?{query}", headers=headers), name, query[:80])
    assert found == []


def test_any_word_in_any_address(made: Everything) -> None:
    found = []
    for number, (name, row) in enumerate(MATRIX.items()):
        if not row.args:
            continue
        given_args = made.args[row.args]
        url = reverse(name, kwargs=given_args)
        who = best(row, row.get)
        for key, value in given_args.items():
            if f"/{value}/" not in url:
                continue
            for step, part in enumerate(PARTS):
                if (number + step) % 3 == 0:
                    bad = url.replace(f"/{value}/", f"/{part}/", 1)
                    method = "post" if row.get[1] == 405 else "get"
                    answer = ask(made.clients[who], method, bad)
                    found += wrong(answer, name, key, part[:40])
    assert found == []


def fields_of(page: str) -> set[str]:
    """The names of the controls on a page."""
    return set(re.findall(r'<(?:input|select|textarea|button)[^>]*\bname="([^"]+)"', page)) - {"csrfmiddlewaretoken"}


# What the doors without a page of their own read.
MORE = {
    "version",
    "watch",
    "do",
    "grant",
    "user",
    "upheld",
    "up_to",
    "text",
    "shared",
    "theme",
    "language",
    "next",
    "email",
    "role",
    "scope",
}


def test_any_value_in_any_field_of_any_form(made: Everything) -> None:
    """Every form of every page, each field in turn with strange values, the others as the page has them or strange too."""
    found = []
    for number, (name, url, _who, row) in enumerate(doors(made)):
        if all(status in (405, 302, 404) for status in row.post[1:]) and 302 not in row.post[1:]:
            continue
        writer = best(row, row.post)
        page = made.clients[writer].get(url)
        names = sorted(fields_of(page.content.decode()) if page.status_code == 200 else MORE) or sorted(MORE)
        for step in range(3):
            data = {key: VALUES[(number + step * 7 + place) % len(VALUES)] for place, key in enumerate(names[:60])}
            headers = HTMX if step % 2 else {}
            found += wrong(ask(made.clients[writer], "post", url, data, headers=headers), name, writer, step)
        doubled = {key: ["1", "\x00", "2"] for key in names[:60]}
        found += wrong(ask(made.clients[writer], "post", url, doubled), name, "doubled")
    assert found == []


BODIES = (
    (b'{"version": 1, "owner": [1, {"a": null}]}', "application/json"),
    (b"{", "application/json; charset=nonsense"),
    (b"version=\xff\xfe&text=%ff%fe%ed%a0%80&subject=%00", "application/x-www-form-urlencoded"),
    (b"text=1", "application/x-www-form-urlencoded; charset=utf-16"),
    (b"text=1", "application/x-www-form-urlencoded; charset=hex"),
    (b"--x", "multipart/form-data"),
    (b"--x", "multipart/form-data; boundary=x"),
    (b"--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nabc\r\n--x--\r\n", "multipart/form-data; boundary=x; charset=hex"),
    (b"--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nabc\r\n--x--\r\n", "multipart/form-data; boundary=x; charset=rot13"),
    (
        b"--x\r\nContent-Disposition: form-data; name=\"text\"; filename=\"../../\x00.exe\"\r\n\r\nabc\r\n--x--\r\n",
        "multipart/form-data; boundary=x",
    ),
    (
        b"--x\r\nContent-Disposition: form-data; name=\"text\"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n--x--\r\n",
        "multipart/form-data; boundary=x",
    ),
    (b"--x\r\n" * 500, "multipart/form-data; boundary=" + "x" * 300),
    (b"<a/>", "text/xml"),
    (b"", "\x00"),
)  # fmt: skip
BIG = (
    (b"text=" + b"x" * HUGE, "application/x-www-form-urlencoded"),
    (b"&".join(b"a%d=1" % n for n in range(3000)), "application/x-www-form-urlencoded"),
    (
        b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + b"x" * HUGE + b"\r\n--x--\r\n",
        "multipart/form-data; boundary=x",
    ),
)


def test_any_body_at_any_door(made: Everything) -> None:
    found = []
    for number, (name, url, _who, row) in enumerate(doors(made)):
        writer = best(row, row.post)
        for step, (body, kind) in enumerate(BODIES):
            if (number + step) % 7 == 0 or name in ("escalations:case-note", "account_login", "escalations:case-new"):
                answer = ask(made.clients[writer], "generic", "POST", url, data=body, content_type=kind)
                found += wrong(answer, name, kind, body[:30])
    assert found == []


@pytest.mark.parametrize(("body", "kind"), BIG, ids=["10 MB", "3000 fields", "10 MB in parts"])
def test_too_much_is_refused_and_nothing_is_written(made: Everything, body: bytes, kind: str) -> None:
    ref = made.args["ref"]["ref"]
    before = TimelineEntry.objects.count()
    for url, who in (
        (f"/cases/{ref}/note/", "coordinator"),
        ("/cases/new/", "lead"),
        ("/account/", "qa"),
        ("/sla/calendars/new/", "administrator"),
        ("/accounts/login/", ANONYMOUS),
    ):
        answer = made.clients[who].post(url, data=body, content_type=kind)
        assert answer.status_code in (400, 413, 422), url
        assert answer.content, url
    assert TimelineEntry.objects.count() == before


HEADERS = (
    {"X-Request-ID": "\x00" * 9}, {"X-Request-ID": "a" * 9000}, {"X-Request-ID": "é" * 20}, {"Accept-Language": "zh" * 3000},
    {"Accept-Language": "\x00,;q=nan"}, {"Accept-Language": "xx;q=1e999, zh-hans;q=-1"}, {"Host": "evil.example"}, {"Host": "\x00"},
    {"Host": "a" * 300}, {"Host": "[::1"}, {"Host": "localhost:99999999"}, {"X-Forwarded-For": "x,\x00"}, {"X-Forwarded-Host": "evil.example"},
    {"HX-Request": "false"}, {"HX-Request": "\x00"}, {"HX-Request": "true", "HX-Current-URL": "http://[::1"},
    {"HX-Request": "true", "HX-Current-URL": "\x00"}, {"HX-Request": "true", "HX-Target": "<b>", "HX-Trigger": "\x00"},
    {"HX-Request": "true", "HX-Prompt-URI-AutoEncoded": "true", "HX-Prompt": "%ff"}, {"HX-Boosted": "true", "HX-Request": "true"},
    {"If-None-Match": "\x00"}, {"If-Modified-Since": "Thu, 99 Foo 99999 99:99:99 GMT"}, {"Range": "bytes=9-1"}, {"Referer": "\x00"},
    {"Origin": "null"}, {"Origin": "http://[::1"}, {"Accept": "\x00"}, {"Content-Type": "text/html; charset=hex"},
    {"Content-Type": "text/html; charset=utf-16"}, {"Content-Length": "-1"}, {"Content-Length": "abc"}, {"Content-Length": "9" * 40},
    {"Cookie": "sessionid=\x00; csrftoken=\x00"}, {"Cookie": 'sessionid="\\000"; theme="\\000"; django_language=../../x; messages="x"'},
    {"Cookie": "=" * 3000}, {"Cookie": "theme=<script>; django_language=" + "z" * 3000}, {"Cookie": "messages=" + "A" * 5000 + ":x:y"},
)  # fmt: skip


def test_any_header_on_any_kind_of_page(made: Everything) -> None:
    ref = made.args["ref"]["ref"]
    paths = (
        "/",
        "/queue/",
        f"/cases/{ref}/",
        "/search/?q=%C3%A9",
        "/ui/palette/?q=a",
        "/accounts/login/",
        "/healthz",
        "/nothing/",
        "/inbox/",
        "/static/css/base.css",
    )
    found = []
    for header in HEADERS:
        for path in paths:
            for who in (ANONYMOUS, "coordinator"):
                environ = {_key(name): value for name, value in header.items()}
                if "CONTENT_TYPE" in environ:
                    environ["CONTENT_TYPE"] = readable(environ["CONTENT_TYPE"])
                found += wrong(ask(made.clients[who], "get", path, **environ), path, who, str(header)[:80])
        environ = {
            _key(name): value for name, value in header.items() if name not in ("Content-Type", "Content-Length")
        }
        found += wrong(
            ask(made.clients["coordinator"], "post", f"/cases/{ref}/watch/", {"watch": "1"}, **environ), "watch", header
        )
    assert found == []


def _key(name: str) -> str:
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


@given(
    raw=st.binary(max_size=60),
    path=st.sampled_from(
        ["/", "/queue/", "/cases/", "/directory/people/", "/audit/", "/account/users/", "/static/", "/sla/policies/"]
    ),
    in_path=st.booleans(),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_in_an_address(made: Everything, raw: bytes, path: str, in_path: bool) -> None:
    url = f"{path}{quote(raw, safe='')}" if in_path else f"{path}?q={quote(raw, safe='')}&{quote(raw, safe='')}=1"
    assert wrong(ask(made.clients["administrator"], "get", url), url) == []


STATIC = (
    "/static/%00",
    "/static/..%2F..%2Fetc%2Fpasswd",
    "/static/../../etc/passwd",
    "/static/" + "a" * 5000,
    "/static/css/",
    "/static//etc/passwd",
)


@pytest.mark.parametrize("url", STATIC)
def test_no_file_but_ours(made: Everything, url: str) -> None:
    answer = made.clients[ANONYMOUS].get(url)
    assert answer.status_code in (301, 302, 400, 404)
    assert b"root:" not in answer.getvalue()


@pytest.mark.parametrize(
    "charset", ["hex", "rot13", "zlib", "a\x00b", "utf-16", "idna", "undefined", "nonsense", "unicode_escape"]
)
def test_a_charset_that_is_none_does_not_reach_django(charset: str) -> None:
    """Raised while the request is made, it would be the server's own error page."""
    seen = []

    def application(environ: Any, start_response: Any) -> list[bytes]:
        seen.append(WSGIRequest(environ).GET.get("q"))
        return []

    environ = RequestFactory().generic("GET", "/?q=a", content_type=f"text/html; charset={charset}").environ
    with_readable_types(application)(environ, lambda *_args: None)
    assert seen == ["a"] or charset == "utf-16"


def test_filters_of_every_kind_go_together(made: Everything) -> None:
    world = made.world
    issue, owner = made.args["issue"]["pk"], world.users["associate"].pk
    query = {"site": world.site.pk, "owner": owner, "issue": issue, "service": world.service.pk}
    page = made.clients["coordinator"].get("/queue/", query)
    assert page.status_code == 200
    for label in (world.site.name, "Associate", "Locked out", "Social media"):
        assert f"<b>{label}</b>" in page.content.decode()


def test_a_search_without_a_word_finds_nothing(made: Everything) -> None:
    for url in ("/queue/", "/queue/rows/", "/queue/export/"):
        page = made.clients["coordinator"].get(url, {"q": "?!"})
        assert page.status_code == 200
        assert b"Guest locked out" not in page.getvalue()


DAYS = (("0001-01-01", "9999-12-31"), ("9999-12-31", ""), ("0001-01-01", ""), ("9999-12-31", "0001-01-01"))


@pytest.mark.parametrize(("first", "last"), DAYS)
def test_the_ends_of_time_in_forms_that_are_right_otherwise(made: Everything, first: str, last: str) -> None:
    """Saved or refused at the field; and whatever was saved can be shown."""
    world, person = made.world, made.args["person"]["pk"]
    client, days_of = made.clients["administrator"], {"first_day": first, "last_day": last}
    role = str(made.args["job_role"]["pk"])
    doors_of_days = {
        f"/directory/people/new/?site={world.site.code}": {"name": "Somebody", "language": "en", "job_role": role},
        f"/directory/people/{person}/engagements/new/": {"employer": str(world.other_site.partner_id)},
        f"/directory/people/{person}/placements/new/?site={world.site.code}": {"kind": "loan", "job_role": role},
        f"/directory/engagements/{made.args['engagement']['pk']}/end/": {"last_day": last or first, "version": "1"},
        "/account/stand-ins/": {"email": "auditor@example.test"},
    }
    for url, data in doors_of_days.items():
        with transaction.atomic():
            answer = client.post(url, {**days_of, **data})
            assert answer.status_code in (302, 409, 422), url
            for page in (f"/directory/people/{person}/", "/directory/people/", "/account/", "/audit/"):
                assert client.get(page).status_code == 200, (url, page)
            transaction.set_rollback(True)


def test_a_broken_way_back_does_not_deny_what_was_done(made: Everything) -> None:
    case = Case.objects.get(pk=int(made.args["ref"]["ref"].removeprefix("EC-")))
    form = {"op": "escalate", "reason": "Because", "case": str(case.pk), "next": "/queue/?cursor=broken"}
    with transaction.atomic():
        answer = made.clients["coordinator"].post("/queue/bulk/", form, headers=HTMX)
        changed = Case.objects.get(pk=case.pk).version != case.version
        transaction.set_rollback(True)
    assert changed
    assert answer.status_code == 200
    assert "1 case changed" in answer.content.decode() + str(answer.headers)
