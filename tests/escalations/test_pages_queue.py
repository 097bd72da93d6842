"""The queue's page: what stands on it, for whom, and at what price."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from escalations import actions
from escalations.choices import Sensitivity
from escalations.models import Case
from portal.accounts.rules import SYSTEM
from tests.escalations.pages_world import HTMX, World, issue_tree, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> World:
    return world()


def page(here: World, who: str, query: str = "", **headers: str) -> str:
    response = here.client(who).get(f"{reverse('escalations:queue')}{query}", headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def refs_on(html: str) -> list[str]:
    """References in the rows, in their order."""
    return re.findall(r'<td role="cell" data-c="id"[^>]*>(EC-\d+)</td>', html)


def test_rows_in_the_order_of_what_is_due(here: World) -> None:
    later, sooner, undated = here.case("Later"), here.case("Sooner"), here.case("No clock")
    Case.objects.filter(pk=later.pk).update(next_due_at=timezone.now() + timedelta(hours=3))
    Case.objects.filter(pk=sooner.pk).update(next_due_at=timezone.now() + timedelta(hours=1))
    Case.objects.filter(pk=undated.pk).update(next_due_at=None)
    html = page(here, "coordinator")
    assert refs_on(html) == [sooner.ref, later.ref, undated.ref]
    row = html[html.index(f'id="c{sooner.pk}"') :].partition("</tr>")[0]
    assert f'href="/cases/{sooner.ref}/"' in row
    for part in ("Sooner", "Social media", "Chengdu · Bluewave", "New", "Unassigned", 'class="sla"', 'data-sev="3"'):
        assert part in row


def test_each_tab_counts_and_holds_its_cases(here: World) -> None:
    mine, waiting, fresh = here.case("Mine"), here.case("Waiting"), here.case("Fresh")
    actions.assign(actor=SYSTEM, ref=mine.pk, owner_id=here.users["coordinator"].pk)
    actions.set_state(actor=SYSTEM, ref=waiting.pk, verb="wait_customer")
    html = page(here, "coordinator")
    counts = dict(re.findall(r'id="tab-(\w+)".*?<span class="count">(.*?)</span>', html))
    assert counts == {
        "open": "3", "mine": "1", "unassigned": "2", "due_soon": counts["due_soon"], "breached": "0", "waiting": "1",
        "resolved_today": "0",
    }  # fmt: skip
    assert refs_on(page(here, "coordinator", "?tab=mine")) == [mine.ref]
    assert refs_on(page(here, "coordinator", "?tab=waiting")) == [waiting.ref]
    assert set(refs_on(page(here, "coordinator", "?tab=unassigned"))) == {waiting.ref, fresh.ref}
    assert 'id="tab-mine" href="/queue/?tab=mine" aria-current="page"' in page(here, "coordinator", "?tab=mine")


def test_filters_narrow_and_stand_as_chips(here: World) -> None:
    issue = issue_tree()
    wanted = here.case("Locked out", issue_type_id=issue.pk, impact="people", urgency="now")
    here.case("Something else", service_id=here.other_service.pk)
    for query, chip in {
        f"?service={here.service.pk}": "Service <b>Social media</b>",
        "?severity=1": "Severity <b>S1</b>",
        f"?issue={issue.parent_id}": "Issue type <b>Check-in</b>",
        "?q=locked": "",
        f"?q={wanted.ref}": "",
        "?severity=1&state=new&age=1d": "Opened <b>Last 24 hours</b>",
    }.items():
        html = page(here, "coordinator", query)
        assert refs_on(html) == [wanted.ref], query
        assert chip in html, query


def test_values_that_mean_nothing_are_named_and_left_out(here: World) -> None:
    case = here.case()
    html = page(here, "coordinator", "?service=abc&state=nonsense&tab=nothing")
    assert refs_on(html) == [case.ref]
    assert html.count("not understood, left out") == 2
    assert "Site <b>unknown</b>" in page(here, "coordinator", "?site=999999")


def test_every_filter_can_be_set_by_a_plain_form(here: World) -> None:
    issue_tree()
    client = here.client("coordinator")
    whole = client.get(reverse("escalations:queue-filter")).content.decode()
    part = client.get(reverse("escalations:queue-filter"), headers=HTMX).content.decode()
    for html in (whole, part):
        assert '<form method="get" class="form" action="/queue/">' in html
        for name in ("q", "service", "site", "owner", "issue", "age", "severity", "state"):
            assert f'name="{name}"' in html
        assert '<optgroup label="Stay">' in html
    assert "<html" in whole
    assert "<html" not in part


def test_keyset_pages_of_fifty(here: World) -> None:
    cases = [here.case(f"Case {n}") for n in range(53)]
    first = page(here, "coordinator")
    assert len(refs_on(first)) == 50
    found = re.search(r'id="page-next" href="([^"]+)"', first)
    assert found
    second = page(here, "coordinator", found[1].replace("&amp;", "&"))
    assert set(refs_on(first)) | set(refs_on(second)) == {case.ref for case in cases}
    assert 'id="page-prev"' in second


def test_poll_says_nothing_while_nothing_changed(here: World) -> None:
    case = here.case()
    client = here.client("coordinator")
    html = client.get(reverse("escalations:queue")).content.decode()
    found = re.search(r'id="results".*?hx-get="([^"]+)"', html, re.DOTALL)
    assert found
    poll = found[1].replace("&amp;", "&")
    still = client.get(poll, headers=HTMX)
    assert (still.status_code, still.content) == (204, b"")
    actions.assign(actor=SYSTEM, ref=case.pk, owner_id=here.users["coordinator"].pk)
    moved = client.get(poll, headers=HTMX)
    assert moved.status_code == 200
    text = moved.content.decode()
    assert text.startswith('<section id="results"')
    assert "Coordinator" in text
    assert 'id="queue-tabs" aria-label="Saved views" hx-swap-oob="true"' in text
    assert poll not in text.replace("&amp;", "&")


def test_partner_users_see_their_own_and_pick_nothing(here: World) -> None:
    theirs = here.case("Theirs", by="agent")
    other = here.case("Of the site", by="lead")
    foreign = here.case("Foreign", site_id=here.other_site.pk)
    lead = page(here, "lead")
    assert set(refs_on(lead)) == {theirs.ref, other.ref}
    assert "<h1>Cases</h1>" in lead
    assert 'name="case"' not in lead
    assert "bulk-open" not in lead
    assert re.findall(r'id="tab-(\w+)"', lead) == ["open", "due_soon", "breached", "waiting", "resolved_today"]
    assert "unassigned" not in lead.partition("</header>")[2].partition("queue-tabs")[0]
    assert refs_on(page(here, "agent")) == [theirs.ref]
    assert refs_on(page(here, "foreign_lead")) == [foreign.ref]


def test_it_has_no_queue(here: World) -> None:
    client = here.client("it")
    for name in ("queue", "queue-rows", "queue-filter", "queue-export", "bulk"):
        assert client.get(reverse(f"escalations:{name}")).status_code == 404


def test_taken_over_names_reference_and_dates_only(here: World) -> None:
    case = here.case("A secret subject", by="agent", customer_ref="HX-1")
    actions.set_sensitivity(actor=SYSTEM, ref=case.pk, sensitivity="confidential")
    html = page(here, "lead")
    assert "Taken over by the company" in html
    assert f'<th scope="row">{case.ref}</th>' in html
    assert refs_on(html) == []
    for hidden in ("A secret subject", "HX-1", "Confidential", f'href="/cases/{case.ref}/"'):
        assert hidden not in html


@pytest.mark.parametrize("who", ["coordinator", "manager", "lead", "agent", "administrator", "other_associate"])
@pytest.mark.parametrize("level", [Sensitivity.CONFIDENTIAL, Sensitivity.RESTRICTED])
def test_confidential_is_absent_everywhere(here: World, who: str, level: str) -> None:
    secret = here.case("Needle in a haystack", by="agent", customer_ref="NEEDLE9")
    actions.assign(actor=SYSTEM, ref=secret.pk, owner_id=here.users["associate"].pk)
    owner = here.users["associate"].pk
    client = here.client(who)
    for query in ("", "?q=needle", f"?q={secret.ref}", f"?owner={owner}", "?q=NEEDLE9", f"?service={here.service.pk}"):
        sees = who != "other_associate"
        assert (secret.ref in refs_on(page(here, who, query))) is sees, "there must be something to leak"
    actions.set_sensitivity(actor=SYSTEM, ref=secret.pk, sensitivity=level)
    for query in ("", "?q=needle", f"?q={secret.ref}", f"?owner={owner}", "?q=NEEDLE9", "?tab=unassigned"):
        html = page(here, who, query)
        assert refs_on(html) == []
        assert "Needle" not in html
        assert set(
            re.findall(r'<span class="count">(.*?)</span>', html[html.index("queue-tabs") :].partition("</nav>")[0])
        ) == {"0"}
        exported = b"".join(client.get(reverse("escalations:queue-export") + query).streaming_content)
        assert b"Needle" not in exported
        polled = client.get(reverse("escalations:queue-rows") + query, headers=HTMX).content
        assert b"Needle" not in polled
    assert client.get(f"/cases/{secret.ref}/").status_code == 404


def test_export_holds_the_filtered_rows_and_no_formula(here: World) -> None:
    here.case("=HYPERLINK(evil)", customer_ref="+1", impact="people", urgency="now")
    here.case("Left out")
    response = here.client("coordinator").get(reverse("escalations:queue-export") + "?severity=1")
    lines = b"".join(response.streaming_content).decode().removeprefix("\ufeff").splitlines()
    assert response["Content-Disposition"] == 'attachment; filename="cases.csv"'
    assert len(lines) == 2
    assert lines[0].startswith("Case,Severity,State,Subject")
    assert ",'=HYPERLINK(evil)," in lines[1]
    assert ",'+1," in lines[1]


def test_export_speaks_the_readers_language_and_zone(here: World) -> None:
    case = here.case(by="lead")
    Case.objects.filter(pk=case.pk).update(opened_at="2026-03-01T20:30:00Z")
    here.users["coordinator"].language, here.users["coordinator"].time_zone = "zh-hans", "Asia/Shanghai"
    here.users["coordinator"].save()
    response = here.client("coordinator").get(reverse("escalations:queue-export"))
    text = b"".join(response.streaming_content).decode()
    assert ",社交媒体," in text
    assert ",2026-03-02 04:30," in text


def cost(here: World, who: str, address: str) -> int:
    client = here.client(who)
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as caught:
        response = client.get(address)
    assert response.status_code == 200
    return len([one for one in caught.captured_queries if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))])


@pytest.mark.parametrize(
    "who", ["coordinator", "manager", "associate", "service_lead", "lead", "agent", "auditor", "administrator"]
)
def test_the_page_costs_the_same_for_one_case_and_for_many(here: World, who: str) -> None:
    issue = issue_tree()

    def more(n: int) -> None:
        for at in range(n):
            case = here.case(f"Case {at}", by="agent", issue_type_id=issue.pk)
            actions.assign(actor=SYSTEM, ref=case.pk, owner_id=here.users["associate"].pk)

    more(1)
    address = reverse("escalations:queue")
    filtered = (
        f"{address}?service={here.service.pk}&site={here.site.pk}&owner={here.users['associate'].pk}&issue={issue.pk}"
    )
    few = [cost(here, who, one) for one in (address, filtered)]
    more(30)
    assert [cost(here, who, one) for one in (address, filtered)] == few
    assert max(few) <= 12, few


def test_empty_pages_are_kind(here: World) -> None:
    html = page(here, "coordinator", "?tab=mine")
    assert "Nothing is yours at the moment" in html
    filtered = page(here, "coordinator", "?severity=1")
    assert "No case fits these filters" in filtered
    assert "Clear all filters" in filtered


def test_unsafe_text_is_escaped(here: World) -> None:
    here.case("<script>alert(1)</script>")
    html: Any = page(here, "coordinator")
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html
