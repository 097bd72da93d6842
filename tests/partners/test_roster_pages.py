"""Rosters in the browser: a lead uploads and sends, a coordinator applies; what is wrong is said at its row."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from partners.models import Person, Placement, Roster, Site
from portal.accounts.choices import Role
from portal.audit.models import AuditEntry
from tests.factories.partners import ProgrammeFactory, SiteFactory, TeamFactory, placed, signed_in

pytestmark = pytest.mark.django_db
HEAD = "工号,姓名,邮箱,岗位,小组,班组长,入职日期,离职日期\n"
GOOD = (
    HEAD + "BW-1,Lin Xia,lin@bw.example,班组长,莲花,,,\nBW-2,王芳,wang@bw.example,客服专员,Lotus,Lin Xia,2026-11-24,\n"
)


@pytest.fixture
def site() -> Site:
    site = SiteFactory(code="CTU", name="Chengdu")
    TeamFactory(programme=ProgrammeFactory(site=site), name="Lotus", name_zh="莲花")
    return site


@pytest.fixture
def lead(site: Site) -> Client:
    return signed_in(Role.PARTNER_LEAD, site=site)


@pytest.fixture
def coordinator(site: Site) -> Client:
    return signed_in(Role.COORDINATOR, partner=site.partner)


def upload(client: Client, content: bytes | str, **values: Any) -> Any:
    raw = content.encode() if isinstance(content, str) else content
    data = {"site": "CTU", "as_of": "2026-11-01", "file": SimpleUploadedFile("roster.csv", raw), **values}
    return client.post(reverse("partners:roster_new"), {k: v for k, v in data.items() if v is not None}, follow=True)


def faults(page: Any) -> dict[int | None, str]:
    return {line.proposal.row: " ".join(line.details) for line in page.context["lines"] if line.proposal.fault}


def press(client: Client, name: str, data: dict[str, Any] | None = None) -> Any:
    return client.post(reverse(f"partners:{name}", args=[Roster.objects.get().pk]), data or {}, follow=True)


def test_a_lead_sends_and_a_coordinator_applies(lead: Client, coordinator: Client, site: Site) -> None:
    page = upload(lead, GOOD)
    for text in (
        "Roster of Chengdu",
        "As of 1 Nov 2026",
        "王芳",
        "Joiner",
        "Send for approval",
        "First day: 24 Nov 2026",
    ):
        assert text in page.text, text
    assert "Apply all" not in page.text
    assert not Person.objects.exists()
    assert press(lead, "roster_apply").status_code == 403
    assert "Roster sent" in press(lead, "roster_send").text
    roster = Roster.objects.get()
    assert (roster.state, press(lead, "roster_discard").status_code) == ("sent", 403)
    page = coordinator.get(reverse("partners:roster", args=[roster.pk]))
    assert "Apply all" in page.text
    assert "Roster applied: 2 people" in press(coordinator, "roster_apply").text
    placement = Placement.objects.get(person__name="王芳")
    assert (placement.first_day, placement.lead.name if placement.lead else "") == (date(2026, 11, 24), "Lin Xia")
    assert "This roster was applied already." in press(coordinator, "roster_apply").text
    assert list(
        AuditEntry.objects.filter(verb__startswith="roster.").order_by("id").values_list("verb", flat=True)
    ) == [
        "roster.uploaded",
        "roster.sent",
        "roster.applied",
    ]


def test_the_same_file_again_changes_nothing_and_says_so(coordinator: Client) -> None:
    upload(coordinator, GOOD)
    press(coordinator, "roster_apply")
    page = upload(coordinator, GOOD)
    assert "Nothing to change: every row is as the directory has it." in page.text
    assert "applied the same file before" in page.text
    assert "Apply all" not in page.text


def test_pasted_rows_and_workbooks_read_the_same(coordinator: Client) -> None:
    page = upload(coordinator, "", file=None, pasted=GOOD.replace(",", "\t"))
    assert page.context["roster"].joiners == 2
    workbook, stream = Workbook(), BytesIO()
    for line in GOOD.splitlines():
        workbook.active.append(line.split(","))
    workbook.save(stream)
    assert upload(coordinator, stream.getvalue()).context["roster"].joiners == 2


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("BW-1,Other,o@bw.example,,,,,", "Row 2 has BW-1 already."),
        ("BW-3,Other,LIN@bw.example,,,,,", "Row 2 has lin@bw.example already."),
        ("BW-3,o@bw.example,Other,,,,,", "Name and email look swapped. Exchange the two columns."),
        ("o@bw.example,Other,,,,,,", "This is an email address. Are the columns in the right order?"),
        ("BW-3,2026-11-24,o@bw.example,,,,,", "This is a date. Are the columns in the right order?"),
        ("BW-3,=1+1,o@bw.example,,,,,", "This is a formula. Paste its value."),
        ("BW-3,Other,nobody,,,,,", "“nobody” is not an email address."),
        ("BW-3,Other,o@bw.example,Wizard,,,,", "There is no job role “Wizard”. There are: Agent, QA analyst"),
        ("BW-3,Other,o@bw.example,,Bamboo,,,", "There is no team “Bamboo” here. There are: Lotus."),
        ("BW-3,Other,o@bw.example,,,Nobody,,", "Nobody called “Nobody” is at this site or in the file."),
        ("BW-3,Other,o@bw.example,,,Far Lead,,", "“Far Lead” is at another site. Name a lead of this one."),
        ("BW-3,Other,o@bw.example,,,Old Lead,,", "“Old Lead” leaves with this roster. Name somebody who stays."),
        ("BW-3,Other,o@bw.example,,,Twin,,\nBW-8,Twin,t8@bw.example,,,,,\nBW-9,Twin,t9@bw.example,,,,,", "Several people may be “Twin”: Twin (BW-8), Twin (BW-9)."),
        ("BW-3,Other,o@bw.example,,,BW-3,,", "Nobody leads themselves. Name somebody else."),
        ("BW-3,Other,o@bw.example,,,,03/04/2026,", "“03/04/2026” may be 4 Mar 2026 or 3 Apr 2026. Write it as 2026-11-24."),
        ("BW-3,Other,o@bw.example,,,,soon,", "“soon” is not a date."),
        ("BW-3,Other,o@bw.example,,,,,2026-10-01", "the last day is over, and the person was never here"),
        ("BW-3,Far Lead,far@bw.example,,,,,", "This person is at another site."),
        ("BW-3,Other,far@bw.example,,,,,", "Somebody with another name has this email address. Ask a coordinator."),
        (",Other,,,,,,", "Give an employee number or an email address."),
        ("BW-3,Other,o@bw.example,,", "5 columns instead of 8"),
        ("BW-3,Ot\0her,o@bw.example,,,,,", "contains a NUL character"),
        (f"BW-3,{'x' * 200},o@bw.example,,,,,", "Use at most 120 characters."),
    ],
)  # fmt: skip
def test_each_bad_row_says_what_to_do(lead: Client, site: Site, row: str, said: str) -> None:
    elsewhere = SiteFactory(partner=site.partner)
    placed(elsewhere, name="Far Lead", email="far@bw.example")
    placed(site, name="Old Lead", email="old@bw.example")
    page = upload(lead, GOOD + row + "\n")
    assert said in faults(page)[4], faults(page)
    assert list(faults(page)) == [4], faults(page)
    assert "1 row needs you before the roster can be applied" in page.text
    assert press(lead, "roster_send").text.count("1 row is to be fixed or decided first.") == 1
    assert [line.proposal.row for line in lead.get(page.redirect_chain[-1][0] + "?show=fix").context["lines"]] == [4]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "The submitted file is empty."),
        ("姓名,邮箱\n", "The file has no row that can be read."),
        (",".join(f"c{n}" for n in range(200)) + "\n1\n", "The file has 200 columns; at most 100"),
        ("a,b\n1,2\n", "Call the columns as in the template"),
        (b"\xd0\xcf\x11\xe0" + b"0" * 99, "old or protected Excel file"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_at_its_field(lead: Client, content: Any, said: str) -> None:
    page = upload(lead, content)
    assert page.status_code == 422
    assert said in " ".join(page.context["form"].errors["file"])
    assert not Roster.objects.exists()


def test_the_directory_may_change_between_preview_and_apply(coordinator: Client, site: Site) -> None:
    upload(coordinator, GOOD)
    placed(site, name="Late Comer", email="late@bw.example")
    page = press(coordinator, "roster_apply")
    assert "Not applied: the directory changed since the preview." in page.text
    assert [line.name for line in page.context["lines"] if line.proposal.kind == "leaver"] == ["Late Comer"]
    assert not Person.objects.filter(name="王芳").exists()
    assert "Roster applied: 3 people" in press(coordinator, "roster_apply").text


def test_namesakes_are_decided_on_the_page(lead: Client, site: Site) -> None:
    known = placed(site, name="王芳", email="")
    page = upload(lead, GOOD)
    assert "The same person: 王芳" in page.text
    for nonsense in ("999999999999", "x", str(known.pk + 1)):
        press(lead, "roster_decide", {"row-3": nonsense, "row-x": "new", "row-99999": "new"})
        assert Roster.objects.get().undecided == 1
    page = press(lead, "roster_decide", {"row-3": str(known.pk)})
    assert Roster.objects.get().movers == 1
    assert "Placement" not in faults(page)


def test_columns_may_be_named_by_hand(lead: Client) -> None:
    upload(lead, "姓名,邮箱,到岗,组\n王芳,w@bw.example,2026-11-24,莲花\n")
    url = reverse("partners:roster_columns", args=[Roster.objects.get().pk])
    assert 'option value="到岗"' in lead.get(url).text
    assert lead.post(url, {"name": "姓名", "email": "姓名"}).status_code == 422
    assert lead.post(url, {"name": "nothing", "email": "邮箱"}).status_code == 422
    page = lead.post(url, {"name": "姓名", "email": "邮箱", "first_day": "到岗", "team": "组"}, follow=True)
    assert "First day: 24 Nov 2026" in page.text


def test_discarded_rosters_keep_no_rows(lead: Client) -> None:
    upload(lead, GOOD)
    assert "The rows of a discarded roster are not kept" in press(lead, "roster_discard").text
    assert not Roster.objects.get().proposals.exists()


def test_many_leavers_are_pointed_out(coordinator: Client, site: Site) -> None:
    for number in range(8):
        placed(site, name=f"Somebody {number}")
    assert "8 people are not in the file and would leave." in upload(coordinator, GOOD).text


def test_strangers_find_no_roster(lead: Client, site: Site) -> None:
    upload(lead, GOOD)
    pk = Roster.objects.get().pk
    for client in (
        signed_in(Role.PARTNER_LEAD, site=SiteFactory()),
        signed_in(Role.PARTNER_QA, site=site),
        signed_in(Role.ADMINISTRATOR),
    ):
        assert client.get(reverse("partners:roster", args=[pk])).status_code == 404
        assert client.post(reverse("partners:roster_apply", args=[pk])).status_code == 404
    auditor = signed_in(Role.AUDITOR)
    assert "Apply all" not in auditor.get(reverse("partners:roster", args=[pk])).text
    assert auditor.post(reverse("partners:roster_apply", args=[pk])).status_code == 403
    other = upload(signed_in(Role.PARTNER_LEAD, site=SiteFactory()), GOOD)
    assert "site" in other.context["form"].errors


def test_the_template_can_be_filled_in_and_read(lead: Client, site: Site) -> None:
    template = lead.get(reverse("partners:roster_template"))
    assert template["Content-Type"] == "text/csv; charset=utf-8"
    content = b"".join(template.streaming_content)  # type: ignore[attr-defined]
    page = upload(lead, content)
    assert faults(page) == {2: "Nobody called “Lin Xia” is at this site or in the file."}


def test_the_preview_asks_the_same_number_of_questions_however_long(
    lead: Client, django_assert_max_num_queries: Any
) -> None:
    rows = "".join(f"BW-{n},Person {n},p{n}@bw.example,,,,,\n" for n in range(150))
    upload(lead, HEAD + rows)
    with django_assert_max_num_queries(16):
        page = lead.get(reverse("partners:roster", args=[Roster.objects.get().pk]))
    assert len(page.context["lines"]) == 100
    following = lead.get(page.wsgi_request.path + f"?cursor={page.context['page'].next_cursor}")
    assert len(following.context["lines"]) == 50
