"""Approving with the keyboard, on every size of screen and in both themes."""

from typing import Any

import pytest
from playwright.sync_api import expect

from access_requests.actions import tell_stand_ins
from access_requests.choices import ItemState, StageKind
from access_requests.models import RequestItem
from partners.models import Site
from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.notifications.tasks import fan_out
from tests.access_requests.approving import asked, rule_of, stands_in
from tests.factories.access import GroupFactory, GroupMemberFactory, SystemFactory
from tests.factories.partners import SiteFactory, user

from .conftest import PageAs
from .helpers import axe, fits, shot

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}


def deputy_with_work(site: Site) -> tuple[User, list[RequestItem]]:
    """A manager who stands in for another: plain, privileged, own and orphaned items."""
    manager, away = user(Role.MANAGER, site=site), user(Role.MANAGER, site=site)
    manager.name, away.name = "Mei Lin", "Ana Prado"
    manager.save(update_fields=["name"])
    away.save(update_fields=["name"])
    stands_in(manager, away)
    owned = rule_of({"kind": StageKind.SYSTEM_OWNER})
    return manager, [
        asked(site),
        asked(site, privileged=True, max_days=30),
        asked(site, by=manager),
        asked(site, owned, system=SystemFactory.create(owner=None, name="Payments console")),
        asked(site, owned, system=SystemFactory.create(owner=away, name="Refunds")),
    ]


@pytest.mark.parametrize(("viewport", "scheme"), [(None, "light"), (PHONE, "dark")])
def test_the_pages_fit_and_read_well(page_as: PageAs, viewport: Any, scheme: str) -> None:
    manager, items = deputy_with_work(SiteFactory.create())
    more = {"viewport": viewport} if viewport else {}
    for name, url in {
        "approvals": "/access/approvals/",
        "approvals-sites": "/access/approvals/?tab=sites",
        "approval": f"/access/approvals/{items[1].request.ref}/",
        "approval-request": f"/access/requests/{items[1].request.ref}/",
    }.items():
        page = page_as(manager, url, color_scheme=scheme, **more)
        for summary in page.locator("details summary").all()[:1]:
            if summary.is_visible() and name.startswith("approvals"):
                page.locator("tr details summary").first.click()
        fits(page)
        axe(page)
        shot(page, f"{name}-{scheme}")


def test_keys_pick_approve_and_reject(page_as: PageAs) -> None:
    manager, items = deputy_with_work(SiteFactory.create())
    page = page_as(manager, "/access/approvals/")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-selected-count]")).to_have_text("2")
    shot(page, "approvals-picked")
    page.keyboard.press("a")
    expect(page.get_by_text("2 items approved")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.get_by_label("Comment").fill("Ask the owner first")
    shot(page, "approvals-reject")
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_text("1 item rejected")).to_be_visible()
    states = sorted(RequestItem.objects.filter(pk__in=[one.pk for one in items]).values_list("state", flat=True))
    assert states.count(ItemState.APPROVED) == 2
    assert states.count(ItemState.REJECTED) == 1


@pytest.mark.parametrize(
    ("language", "viewport", "words"),
    [("en", None, ("for Ana Prado", "Decided by me")), ("zh-hans", PHONE, ("代 Ana Prado", "我已审批"))],
)
def test_who_begins_to_stand_in_finds_what_waits_and_is_named_with_whom_they_stand_in_for(
    page_as: PageAs, language: str, viewport: Any, words: tuple[str, str]
) -> None:
    site, group = SiteFactory.create(), GroupFactory.create(name="Data owners")
    away, deputy = user(Role.MANAGER, site=site), user(Role.COORDINATOR, site=SiteFactory.create())
    User.objects.filter(pk=away.pk).update(name="Ana Prado")
    User.objects.filter(pk=deputy.pk).update(name="Mei Lin", language=language)
    for one in (away, deputy):
        GroupMemberFactory.create(group=group, user=one)
    everyone = rule_of({"kind": StageKind.GROUP_ALL, "group": group})
    items = [asked(site), asked(site), asked(site, everyone), asked(site, by=away)]
    fan_out()
    stands_in(deputy, away)
    tell_stand_ins()
    fan_out()
    more = {"viewport": viewport} if viewport else {}
    page = page_as(deputy, "/inbox/", **more)
    expect(page.locator("main").get_by_text("Ana Prado").last).to_be_visible()
    shot(page, f"stand-in-inbox-{language}")
    page = page_as(deputy, "/access/approvals/", **more)
    expect(page.locator(f"#request-{items[0].request_id}").get_by_text(words[0], exact=True).first).to_be_visible()
    fits(page)
    axe(page)
    shot(page, f"stand-in-approvals-{language}")
    for item in items[:3]:
        page.locator(f"#pick-{item.request_id}").check()
    page.locator("#bulk-approve").click()
    expect(page.locator(f"#request-{items[0].request_id}")).to_have_count(0)
    # What everybody of a group must agree to waits for the other one; what she asked for is not the stand-in's either.
    expect(page.locator(f"#request-{items[2].request_id}")).to_have_count(0)
    expect(page.locator(f"#pick-{items[3].request_id}")).to_have_count(0)
    shot(page, f"stand-in-approved-{language}")
    page.get_by_role("link", name=words[1]).click()
    expect(page.get_by_text(words[0], exact=True)).to_have_count(2)
    fits(page)
    shot(page, f"stand-in-decided-{language}")
    page = page_as(deputy, f"/access/approvals/{items[2].request.ref}/", **more)
    expect(page.locator(f"#item-{items[2].pk}").get_by_text("Ana Prado")).to_be_visible()
    shot(page, f"stand-in-group-{language}")
