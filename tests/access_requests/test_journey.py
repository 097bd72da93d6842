"""Tried as a new user would: a roster from the lead's upload to the auditor's proof, through the pages and their forms alone."""

import json
import re
from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from access_requests import tasks
from access_requests.models import AccessRequest, Bundle, Entitlement, Grant, GrantReason, RequestItem
from partners import queries as directory
from partners.importing import run
from partners.models import Person, Placement, Roster, Site, Team
from portal.accounts.choices import Role
from portal.accounts.models import User
from tests.access_requests.browsing import Browser, words
from tests.factories.access import EntitlementFactory, GrantFactory, GroupMemberFactory, SystemFactory, bundle_of
from tests.factories.accounts import PASSWORD
from tests.factories.partners import (
    EngagementFactory,
    PersonFactory,
    PlacementFactory,
    ProgrammeFactory,
    SiteFactory,
    TeamFactory,
    user,
)

pytestmark = pytest.mark.django_db
APPROVALS, WORK, CONFIRM, BOARD, REQUESTS = (
    reverse(f"access:{name}") for name in ("approvals", "work", "confirm", "readiness", "requests")
)
HEAD = "employee_no,name,preferred_name,email,language,job_role,programme,team,lead,first_day,last_day\n"


@dataclass
class Story:
    """A site, its people, and everybody who has to do with their access."""

    site: Site
    tools: dict[str, Entitlement]
    people: dict[str, Person]
    at: dict[str, Browser]
    today: date

    @property
    def file(self) -> str:
        """The roster: Wu Lei is not on it any more, Chen Jie is with the guests now, Zhou Ting begins soon."""
        rows = [
            "BW-1,Fan Rui,,fan@bw.example,,Agent,Hosts,Lotus,,2024-01-01,",
            "BW-2,Chen Jie,,chen@bw.example,,Agent,Guests,Bamboo,,2024-01-01,",
            f"BW-4,Zhou Ting,,zhou@bw.example,,Agent,Hosts,Lotus,,{self.today + timedelta(days=5)},",
        ]
        return HEAD + "\n".join(rows) + "\n"

    def upload(self) -> Any:
        """The lead's upload of it."""
        file = SimpleUploadedFile("roster.csv", self.file.encode())
        return self.at["lead"].press(reverse("partners:roster_new"), "Show what it changes", site="CTU", file=file)

    def agent(self, number: str, name: str, *held: str) -> Person:
        """Somebody of the Lotus team since 2024, with what the job brings there."""
        email = f"{name.split(maxsplit=1)[0].lower()}@bw.example"
        person = PersonFactory(name=name, email=email)
        EngagementFactory(person=person, employer=self.site.partner, employee_number=number)
        team = Team.objects.get(name="Lotus")
        PlacementFactory(person=person, site=self.site, team=team, programme=team.programme)
        for one in held:
            grant = GrantFactory(person=person, entitlement=self.tools[one])
            bundle = Bundle.objects.get(current__items__entitlement=self.tools[one])
            GrantReason.objects.create(grant=grant, kind="bundle", bundle=bundle, starts_at=grant.started_at)
        return person

    def on_board(self, name: str) -> str:
        """The row of somebody on the board of the lead."""
        row = re.search(rf">{name}</a>.*?</tr>", self.at["lead"].html(BOARD), re.DOTALL)
        return words(row.group()) if row else ""

    def joiner(self) -> Person:
        """Who begins soon."""
        return Person.objects.get(name="Zhou Ting")


@pytest.fixture
def story() -> Story:
    site = SiteFactory(code="CTU", name="Chengdu", partner__name="Brightway")
    other = SiteFactory(code="DLC", name="Dalian", partner=site.partner)
    for programme, team in (("Hosts", "Lotus"), ("Guests", "Bamboo")):
        TeamFactory(programme=ProgrammeFactory(site=site, name=programme, code=programme.upper()), name=team)
    it = user(Role.IT)
    tools = {}
    for name, scope in {"Phone": {"birthright": True}, "Desk": {"site": site}, "Hosts tool": {"programme_code": "HOSTS"},
                        "Guests tool": {"programme_code": "GUESTS"}}.items():  # fmt: skip
        tools[name] = EntitlementFactory(name=f"{name} seat", system=SystemFactory(name=name))
        GroupMemberFactory(group=tools[name].system.group, user=it)
        bundle_of(tools[name], **scope)
    users = {
        "lead": user(Role.PARTNER_LEAD, site=site),
        "coordinator": user(Role.COORDINATOR, site=site),
        "manager": user(Role.MANAGER, site=site),
        "deputy": user(Role.COORDINATOR, site=other),
        "it": it,
        "auditor": user(Role.AUDITOR),
        "foreign_lead": user(Role.PARTNER_LEAD, site=other),
        "leaver": user(Role.AGENT, site=site),
    }
    for key, one in users.items():
        one.name = key.replace("_", " ").title()
        one.set_password(PASSWORD)
        one.save()
    today = directory.site_today(site)
    made = Story(site, tools, {}, {key: Browser(one) for key, one in users.items()}, today)
    for number, name in (("BW-1", "Fan Rui"), ("BW-2", "Chen Jie"), ("BW-3", "Wu Lei")):
        made.people[name] = made.agent(number, name, "Phone", "Desk", "Hosts tool")
    User.objects.filter(pk=users["leaver"].pk).update(person=made.people["Wu Lei"])
    return made


@pytest.fixture
def applied(story: Story) -> Story:
    """The lead has sent the roster, and the coordinator has applied it."""
    leaver = story.at["leaver"]
    assert leaver.client.get("/").status_code == 200
    assert leaver.sign_in() == "/"
    seen = story.upload()
    url = seen.redirect_chain[-1][0]
    text = words(seen.content.decode())
    for said in ("Zhou Ting", "Joiner", "Chen Jie", "Mover", "Wu Lei", "Leaver"):
        assert said in text, said
    assert "Roster sent" in words(story.at["lead"].press(url, "Send for approval").content.decode())
    assert "Roster applied: 3 people" in words(story.at["coordinator"].press(url, "Apply all").content.decode())
    assert leaver.client.get("/")["Location"].startswith(reverse("account_login"))
    assert leaver.sign_in() == reverse("account_inactive")
    tasks.dispatch()
    assert "approval by Manager, asked " in story.on_board("Zhou Ting")
    return story


@pytest.fixture
def approved(applied: Story) -> Story:
    """The manager is away, and the stand-in has approved what waited."""
    profile, day = reverse("accounts:profile"), timezone.now().date()
    away = {"first_day": day, "last_day": day + timedelta(days=7)}
    coordinator, deputy, manager = (applied.at[name] for name in ("coordinator", "deputy", "manager"))
    manager.press(profile, "Name the stand-in", email=coordinator.who.email, **away)
    assert "Somebody else decides" in coordinator.see(APPROVALS)
    assert coordinator.boxes(APPROVALS, "request") == []
    waiting = manager.boxes(APPROVALS, "request")
    items = list(RequestItem.objects.values_list("pk", flat=True))
    sent = {"verdict": "approved", "request": waiting, "item": items}
    assert "Nothing was decided" in words(coordinator.client.post(reverse("access:decide"), sent).content.decode())
    assert manager.boxes(APPROVALS, "request") == waiting, "asked for by the stand-in, so not theirs to decide"
    manager.press(profile, "Cancel")
    assert "Nothing waits for you" in deputy.see(APPROVALS)
    manager.press(profile, "Name the stand-in", email=deputy.who.email, **away)
    assert "for Manager" in deputy.see(APPROVALS)
    answer = deputy.press(APPROVALS, "Approve", tick="request", comment="For the wave")
    assert "3 items approved" in words(answer.content.decode())
    tasks.dispatch()
    return applied


@pytest.fixture
def done(approved: Story) -> Story:
    """IT has taken and finished everything."""
    it = approved.at["it"]
    assert "8 items to do" in it.see(WORK)
    assert "8 items done" in words(it.press(WORK, "Take", tick="item").content.decode())
    assert it.see(f"{WORK}?taken=nobody").count("Nothing fits these filters") == 1
    assert "8 items done" in words(it.press(WORK, "Done", tick="item", ticket="INC-77").content.decode())
    assert "0 items to do" in it.see(WORK)
    return approved


@pytest.fixture
def confirmed(done: Story) -> Story:
    """The lead has looked, and it is so."""
    lead = done.at["lead"]
    assert "8 items are done, says IT" in lead.see(CONFIRM)
    assert "8 items done" in words(lead.press(CONFIRM, "Confirm", tick="item").content.decode())
    return done


def row_of(csv: str, system: str) -> str:
    """The line of a system in a certificate."""
    return next(line for line in csv.splitlines() if f",{system}," in line)


def test_the_lead_sees_what_the_roster_asked_for(applied: Story) -> None:
    asked = {one.kind: one for one in AccessRequest.objects.all()}
    assert sorted(asked) == ["joiner", "leaver", "mover"]
    assert {one.requested_by for one in asked.values()} == {applied.at["coordinator"].who}
    lead = applied.at["lead"]
    listed = lead.see(REQUESTS)
    for kind, name in (("joiner", "Zhou Ting"), ("mover", "Chen Jie"), ("leaver", "Wu Lei")):
        assert asked[kind].ref in listed
        assert name in lead.see(reverse("access:request", args=[asked[kind].ref]))
        assert asked[kind].ref in lead.see(reverse("partners:roster", args=[Roster.objects.get().pk]))
    again = words(applied.upload().content.decode())
    assert "Nothing to change: every row is as the directory has it." in again
    assert AccessRequest.objects.count() == 3


def test_the_board_says_what_is_missing_and_with_whom_until_all_is_proven(approved: Story) -> None:
    it, lead = approved.at["it"], approved.at["lead"]
    row = approved.on_board("Zhou Ting")
    assert ("Lotus 0%" in row, "With IT" in row) == (True, True)
    it.press(WORK, "Take", tick="item")
    assert ": with It since " in approved.on_board("Zhou Ting")
    assert "and 2 more" in approved.on_board("Zhou Ting")
    it.press(WORK, "Done", tick="item")
    assert "the lead of the site has to confirm it" in approved.on_board("Zhou Ting")
    lead.press(CONFIRM, "Confirm", tick="item")
    row = approved.on_board("Zhou Ting")
    assert ("Lotus 100% Nothing" in row, row.count("Done")) == (True, 3)
    assert "1 of 1 ready" in lead.see(BOARD)


def test_every_system_of_a_leaver_confirms(confirmed: Story) -> None:
    leaver, mover = confirmed.people["Wu Lei"], confirmed.people["Chen Jie"]
    items = AccessRequest.objects.get(kind="leaver").items.all()
    assert [(one.state, one.ticket, one.verified_how) for one in items] == [("verified", "INC-77", "lead")] * 3
    assert not Grant.objects.filter(person=leaver, ended_at=None).exists()
    assert set(Grant.objects.filter(person=mover, ended_at=None).values_list("entitlement__name", flat=True)) == {
        "Phone seat", "Desk seat", "Guests tool seat",
    }  # fmt: skip


def test_the_auditor_takes_the_proof_along(confirmed: Story) -> None:
    auditor = confirmed.at["auditor"]
    url = reverse("access:certificate", args=[confirmed.joiner().pk])
    shown = auditor.see(url)
    csv = auditor.press(url, "Export CSV").getvalue().decode()
    desk = row_of(csv, "Desk")
    for said in ("Approved, Deputy for Manager, ", ": For the wave", "Coordinator", "It, ", "INC-77", "Lead, "):
        assert said in desk, said
        assert said in shown, said
    assert "Policy: comes with the job" in row_of(csv, "Phone")
    url = reverse("access:certificate", args=[confirmed.people["Wu Lei"].pk])
    assert "Nothing is held." in auditor.see(url)
    gone = auditor.press(url, "Export CSV").getvalue().decode()
    for system in ("Phone", "Desk", "Hosts tool"):
        for said in ("Ended", "Policy: removals need no approval", "INC-77", "Lead, "):
            assert said in row_of(gone, system), (system, said)


def test_a_lead_of_another_site_sees_none_of_it(confirmed: Story) -> None:
    stranger = confirmed.at["foreign_lead"]
    joiner, roster = confirmed.joiner(), Roster.objects.get()
    pages = [reverse("partners:roster", args=[roster.pk])]
    for person in (joiner, confirmed.people["Wu Lei"]):
        pages += [reverse("access:certificate", args=[person.pk]), reverse("partners:person", args=[person.pk])]
    for one in AccessRequest.objects.all():
        pages += [reverse("access:request", args=[one.ref]), reverse("access:approval", args=[one.ref])]
        pages += [reverse("access:item", args=[item.pk]) for item in one.items.all()]
    assert {stranger.client.get(url).status_code for url in pages} == {404}
    lists = [APPROVALS, CONFIRM, BOARD, REQUESTS, f"{REQUESTS}?tab=all", reverse("access:requests-export"),
             reverse("access:matrix"), reverse("partners:people"), reverse("partners:rosters"), "/", "/inbox/",
             f"{REQUESTS}?q=Zhou", f"{reverse('partners:people')}?q=Zhou"]  # fmt: skip
    seen = {url: stranger.html(url) for url in lists}
    names = ["Zhou Ting", "Chen Jie", "Wu Lei", "Fan Rui", "bw.example", "INC-77"]
    names += [one.ref for one in AccessRequest.objects.all()]
    assert not [(url, name) for url, page in seen.items() for name in names if name in page]


def test_the_command_reads_the_same_file(story: Story, tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(story.file)
    mapping = Path(run.__file__).resolve().parent.parent / "mappings" / "default.yml"

    def diff(*more: str) -> dict[str, int]:
        out = StringIO()
        given = ["--mapping", str(mapping), "--site=CTU", f"--as-of={story.today}", "--json", *more]
        call_command("roster_diff", str(path), *given, stdout=out)
        found: dict[str, int] = json.loads(out.getvalue().splitlines()[-1])
        return found

    first = {"rows": 3, "joiners": 1, "movers": 1, "leavers": 1, "rehires": 0, "unchanged": 1, "errors": 0}
    assert list(diff().items()) == list(first.items())
    assert diff("--apply") == first
    before = sorted(Placement.objects.values_list("pk", "period"))
    nothing = {**first, "joiners": 0, "movers": 0, "leavers": 0, "unchanged": 3}
    assert diff("--apply") == nothing
    assert diff() == nothing
    assert sorted(Placement.objects.values_list("pk", "period")) == before
    assert AccessRequest.objects.count() == 3
