"""Whatever is sent to any address: an answer that says something, never a failure of ours, and nothing half-written."""

import base64
from urllib.parse import quote

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.escalations.pages_world import HTMX
from tests.web.bad_input.asking import ask, best, doors, wrong
from tests.web.matrix import MATRIX
from tests.web.world import ANONYMOUS, Everything

pytestmark = pytest.mark.django_db


# As they stand in an address, quoted.
PARTS = (
    "0", "-1", "1e9", "9" * 18, "9" * 19, "9" * 400, "a" * 3000, "%00", "a%00b", "%FF%FE", "%ED%A0%80", "..%2F..%2Fetc",
    "%2E%2E", quote("🦄"), quote("１２"), quote("٣"), "%0D%0AX:y", "<script>", "EC-0", "ec-1", "EC-" + "9" * 30, "%C0%AE",
)  # fmt: skip


# A cursor with half a surrogate pair, which JSON can write.
NO_CHARACTER = "cursor=" + base64.urlsafe_b64encode(rb'["next", "\ud800", 5]').decode()
QUERIES = (
    "%00", "%FF%FE", "q=%00", "q=%3F%21", "q=%ED%A0%80", "q=" + "a" * 4000, "q=%25%27%5C%28%26%7C%21%3A*", "q=" + quote("永" * 200), "cursor=%00",
    "cursor=" + "A" * 3000, "cursor=before:" + "9" * 18, "cursor=before:" + "9" * 400, "cursor=" + quote("[1e999,null]"),
    "site=9999999999999999999999&service=-1&owner=x&issue=%00&user=1e3", "site=" + "9" * 18 + "&owner=0&case=" + "9" * 18,
    "tab=%00&show=%00&state=x&severity=9&age=%00&sort=x&page=-1", "since=0001-01-01&until=9999-12-31", "since=9999-12-31&until=0001-01-01",
    "first_day=0001-01-01&last_day=9999-12-31&day=9999-12-31&year=99999&country=%00", "subject_id=" + "9" * 30 + "&subject_type=case",
    "subject_id=" + "9" * 18, "actor=%00&verb=%00", "presence=x&archived=x&scope=site:" + "9" * 30, "scope=site:x&role=x&state=x",
    "version=%00&v=%00&next=//evil.example&ref=%00&token=%00", "&".join(f"a{n}=1" for n in range(2100)), "a=1&a=2&a=3&q=1&q=2",
    "subject=Locked%00out&customer_ref=%00G&name=a%00b&text=%ED%A0%80&title=%00&code=%00&kind=%00&at=%00&" + NO_CHARACTER,
    "op=assign&" + "&".join(f"case={n}" for n in range(300)), "op=severity&case=%00&case=" + "9" * 30,
)  # fmt: skip


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
