"""Working a case in the browser step by step, and the office in which that is done: people and mail servers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from escalations import actions
from escalations.actions import Saying
from escalations.models import IssueType, ServiceMailbox
from portal.accounts.rules import SYSTEM
from tests.browser.helpers import arrived, shot
from tests.databases import Database
from tests.escalations import post_office
from tests.escalations.pages_world import World, issue_tree, world
from tests.escalations.processes import run
from tests.factories.accounts import PASSWORD
from tests.factories.case_mail import ServiceMailboxFactory
from tests.factories.playbooks import published, step
from tests.mailbox import imap

SUBJECT = "Locked out of the flat"
SAFE = [
    {"key": "yes", "text": "Safe and indoors", "text_zh": "安全且在室内"},
    {"key": "no", "text": "Outside", "text_zh": "在室外"},
]


@dataclass
class Office:
    """People, a mailbox on a real server, a server that takes mail; a process of its own does what workers do."""

    world: World
    issue: IssueType
    box: ServiceMailbox
    inbox: imap.ImapServer
    post: post_office.Post
    database: Database

    def polled(self) -> None:
        """A worker reads the mailbox once."""
        run(self.database, f"from portal.mailbox.tasks import poll_one; poll_one({self.box.mailbox_id})")

    def sent(self) -> None:
        """A worker sends what is due."""
        run(self.database, "from portal.notifications.tasks import send; send()")


@pytest.fixture
def here(fresh_database: Database) -> World:
    return world()


@pytest.fixture
def office(fresh_database: Database, here: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    issue = issue_tree()
    steps = (
        step("safe", title="Confirm guest is safe and indoors", title_zh="确认客人安全且在室内", answers=SAFE),
        step("host", title="Try the host", title_zh="联系房东", evidence="text"),
        step("lock", title="Follow up on the lock", title_zh="跟进门锁", required=False),
    )
    published(*steps, name="Stranded guest", name_zh="客人无处可住", service=here.service, issue_type=issue)
    words = "Dear {{ preferred_name }},\nwe have a room for you. Your case is {{ reference }}.\n{{ sender }}"
    actions.add_template(actor=SYSTEM, service_id=here.service.pk, saying=Saying(name="A room is found", body=words))
    with imap.running() as inbox, post_office.running() as post:
        for name, value in post.environment().items():
            monkeypatch.setenv(name, value)
        box = ServiceMailboxFactory(
            service=here.service, site=here.site, mailbox__port=inbox.port, mailbox__address="care@portal.example.test"
        )
        yield Office(here, issue, box, inbox, post, fresh_database)


def open_from_queue(page: Page, subject: str = SUBJECT) -> str:
    """Find it in the queue and open it; its reference."""
    row = page.locator("#results tbody tr", has_text=subject)
    expect(row).to_have_count(1)
    shot(page, "walk-queue")
    row.get_by_role("link", name=subject).click()
    expect(page.locator("#case-head h1")).to_have_text(subject)
    return page.url.rstrip("/").rpartition("/")[2]


def dialog(page: Page, name: str, *, in_menu: bool = False) -> Any:
    """The dialog of one of the case's buttons."""
    if in_menu:
        page.locator("#case-more").click()
    page.locator(f"#open-{name}").click()
    form = page.locator(f"#form-{name}")
    expect(form).to_be_visible()
    return form


def triaged(page: Page, office: Office) -> None:
    """Told what it is and how bad, taken, and marked."""
    form = dialog(page, "details", in_menu=True)
    form.get_by_label("Issue type").select_option(str(office.issue.pk))
    form.get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("Details saved")
    form = dialog(page, "severity")
    form.get_by_label("Impact").select_option("people")
    form.get_by_label("Urgency").select_option("now")
    shot(page, "walk-severity")
    form.get_by_role("button", name="Set severity").click()
    expect(page.locator("#case-head")).to_contain_text("S1")
    form = dialog(page, "assign")
    form.get_by_label("Assign to").select_option(str(office.world.users["associate"].pk))
    form.get_by_role("button", name="Assign").click()
    expect(page.locator("#case-rail")).to_contain_text("Associate")
    marked_triaged(page)


def marked_triaged(page: Page) -> None:
    """Looked at, and nobody's yet or somebody's."""
    page.get_by_role("button", name="Mark triaged").click()
    expect(page.locator("#case-head")).to_contain_text("Triaged")


def worked_along(page: Page) -> None:
    """No end before what is required; then step by step."""
    panel = page.locator("#playbook")
    page.get_by_role("button", name="Start work").click()
    expect(page.locator("#case-head")).to_contain_text("In progress")
    expect(panel).to_contain_text("0 of 3")
    page.locator("#quick-verb").click()
    expect(page.get_by_text("asks for this step first: Confirm guest is safe and indoors")).to_be_visible()
    shot(page, "walk-refused")
    page.keyboard.press("Escape")
    expect(page.locator("#case-head")).to_contain_text("In progress")
    page.locator("#step-safe summary").click()
    panel.get_by_label("Safe and indoors").check()
    page.locator("#do-step-safe").click()
    expect(panel).to_contain_text("1 of 3")
    page.locator("#step-host summary").click()
    panel.get_by_label("What was done").fill("Called four times.")
    page.locator("#do-step-host").click()
    expect(panel).to_contain_text("2 of 3")


def known(page: Page) -> None:
    """What was said once is kept, and so is what to call them."""
    form = dialog(page, "fact")
    form.get_by_label("What is known").fill("Indoors at a hotel lobby with an infant")
    shot(page, "walk-fact")
    form.get_by_role("button", name="Add a fact").click()
    expect(page.locator("#known-facts")).to_contain_text("hotel lobby with an infant")
    form = dialog(page, "card")
    form.get_by_label("Preferred name").fill("Ming")
    form.get_by_role("button", name="Save").click()
    expect(page.locator("#card-line")).to_contain_text("Ming")


def asked(page: Page, colleague: Page) -> None:
    """A colleague of another service is asked, and answers."""
    form = dialog(page, "consult", in_menu=True)
    form.get_by_label("Ask", exact=True).select_option(label="Other Associate")
    form.get_by_label("Question").fill("May we pay the night?")
    shot(page, "walk-consult")
    form.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("^Question about EC-"))).to_be_visible()
    page.get_by_role("link", name="Back to the case").click()
    expect(page.locator("#handing")).to_contain_text("Question to Other Associate")
    colleague.goto("/consults/")
    colleague.get_by_role("link", name=re.compile("EC-")).first.click()
    expect(colleague.get_by_text("May we pay the night?")).to_be_visible()
    shot(colleague, "walk-answer")
    colleague.get_by_label("Answer", exact=True).fill("Up to 2,000.")
    colleague.get_by_role("button", name="Answer", exact=True).click()
    expect(colleague.locator("#toasts")).to_contain_text("Your answer stands on")
    page.reload()
    expect(page.locator("article", has_text="Up to 2,000.")).to_be_visible()


def handed_over(page: Page, taker: Page, office: Office) -> None:
    """Offered with its four parts, read, accepted."""
    form = dialog(page, "handover", in_menu=True)
    form.get_by_label("Offer it to").select_option(f"person:{office.world.users['service_lead'].pk}")
    form.get_by_label("Done so far").fill("Guest is safe, host was called")
    form.get_by_role("textbox", name="Still open").fill("A room for the night")
    form.get_by_role("textbox", name="Promised").fill("Word within the hour")
    form.get_by_role("textbox", name="Risks").fill("An infant is with them")
    shot(page, "walk-handover")
    form.get_by_role("button", name="Offer it").click()
    expect(page.get_by_role("heading", name=re.compile("^Hand-over of EC-"))).to_be_visible()
    taker.goto("/handovers/")
    taker.get_by_role("link", name=re.compile("EC-")).first.click()
    for words in ("Guest is safe", "A room for the night", "Word within the hour", "An infant is with them"):
        expect(taker.locator("main")).to_contain_text(words)
    shot(taker, "walk-offer")
    taker.get_by_role("button", name="Accept").click()
    expect(taker.locator("#toasts")).to_contain_text("is yours")
    expect(taker.locator("#case-head h1")).to_have_text(SUBJECT)


def answered(page: Page, office: Office, ref: str) -> str:
    """By a template in the form of mails; the letter arrives as an answer to theirs. Its Message-ID."""
    form = dialog(page, "mail")
    form.locator("#id_template").select_option(label="A room is found")
    form.get_by_role("button", name="Insert").click()
    text = form.get_by_label("Message text")
    expect(text).to_have_value(f"Dear Ming,\nwe have a room for you. Your case is {ref}.\nService Lead")
    expect(form.get_by_label("To", exact=True)).to_have_value("ming@guest.example.test")
    shot(page, "walk-mail")
    form.get_by_role("button", name="Send e-mail").click()
    expect(page.locator("article", has_text="we have a room for you")).to_contain_text("Being sent")
    office.sent()
    page.reload()
    expect(page.locator("article", has_text="we have a room for you").get_by_text("Sent", exact=True)).to_be_visible()
    [letter] = [one for one in office.post.got if one["X-RcptTo"] == "ming@guest.example.test"]
    assert (letter["Subject"], letter["References"]) == (f"[{ref}] {SUBJECT}", "<first@guest>")
    assert "Dear Ming" in letter.get_payload(decode=True).decode()
    return str(letter["Message-ID"])


def briefed(page: Page, ref: str) -> None:
    """One page and its paper."""
    page.locator("#brief-new").click()
    page.get_by_label("Situation", exact=True).fill("A family stands before a locked flat.")
    page.get_by_label("Next step").fill("Confirm the new key code by phone")
    shot(page, "walk-brief-form")
    page.get_by_role("button", name="Write this version").click()
    expect(page.get_by_text("A family stands before a locked flat.")).to_be_visible()
    shot(page, "walk-brief")
    page.get_by_role("link", name="Give a copy").click()
    page.get_by_label("Somebody of the portal").select_option(label="Associate")
    page.get_by_role("button", name="Give a copy").click()
    shot(page, "walk-brief-copy")
    with page.expect_download() as paper:
        page.get_by_role("link", name="As PDF").click()
    assert paper.value.path().read_bytes().startswith(b"%PDF")
    page.goto(f"/cases/{ref}/")


def token_of(page: Page) -> str:
    """Made on one's profile, where the password is asked for once more; what a program shows."""
    page.get_by_label("Name", exact=True).fill("Feed of the day")
    for box in arrived(page).get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Make the token").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("#token-text")).to_contain_text("pop_")
    shot(page, "walk-token")
    return page.locator("#token-text").inner_text()
