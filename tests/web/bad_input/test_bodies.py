"""Whatever is sent, no form breaks: fields, bodies, files, headers."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.test import RequestFactory

from escalations.models import Case, TimelineEntry
from portal.ui.charsets import readable, with_readable_types
from tests.escalations.pages_world import HTMX
from tests.web.bad_input.asking import ask, best, doors, wrong
from tests.web.world import ANONYMOUS, Everything

pytestmark = pytest.mark.django_db
HUGE = 10 * 1024 * 1024


VALUES = (
    "\x00", "a\x00b", "", " ", "0", "-1", "9" * 18, "9" * 30, "1e400", "NaN", "None", "[]", "{}", "0001-01-01", "9999-12-31",
    "9999-12-31T23:59:59", "2026-13-45", "24:00", "99:99", "Mars/Olympus", "../../etc/passwd", "<script>alert(1)</script>", '=HYPERLINK("x")',
    "🦄" * 300, "\u202e", "\ufeff", "%s%s%n", "a" * 50_000, "x@example.test", "true", "en", "site:1", "site:" + "9" * 30,
)  # fmt: skip


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


# More digits than `int` reads. What the doors read by themselves, not by a form's field, is found in their sources.
TOO_LONG = "9" * 5000
WINGS = ("portal", "sla", "partners", "kpis", "access_requests", "escalations", "reviews")
READ = re.compile(r'request\.(GET|POST)\.get(?:list)?\("([^"]+)"')


def names_read() -> dict[str, set[str]]:
    """By method, every name that some door reads."""
    found: dict[str, set[str]] = {"GET": set(), "POST": set()}
    for path in (path for wing in WINGS for path in (settings.BASE_DIR / wing).rglob("*.py")):
        for method, name in READ.findall(path.read_text()):
            found[method].add(name)
    return found


def test_a_number_too_long_to_be_read_is_none(made: Everything) -> None:
    """In the address or in the body, all names at once: a door reads few of them, and each as what it is not."""
    names = names_read()
    assert {"year", "cursor"} <= names["GET"]
    assert {"up_to", "line", "version"} <= names["POST"]
    found = []
    for name, url, who, row in doors(made):
        if 200 in row.get:
            found += wrong(ask(made.clients[who], "get", url, dict.fromkeys(names["GET"], TOO_LONG)), name)
        if set(row.post[1:]) - {404, 405}:
            found += wrong(
                ask(made.clients[best(row, row.post)], "post", url, dict.fromkeys(names["POST"], TOO_LONG)), name
            )
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
