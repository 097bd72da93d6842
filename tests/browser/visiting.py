"""What the tests of a visit's page share."""

from typing import Final

from playwright.sync_api import FilePayload, Page, expect

from tests.factories.files import PNG
from tests.reviews.visiting import World

PICTURE: Final = FilePayload(name="desk.png", mimeType="image/png", buffer=PNG)


def press(page: Page, visited: World, code: str, label: str) -> None:
    """Choose an answer."""
    page.locator(f"#q-{visited.question(code).pk} label.choice", has_text=label).first.click()


def says(page: Page, text: str) -> None:
    """What the line at the top says."""
    expect(page.locator("#visit-status")).to_contain_text(text)


def saved(page: Page, visited: World, code: str, version: int) -> None:
    """Wait until the server has so many changes of an answer: the line at the top says so before the first is on its way, too."""
    expect(page.locator(f"#q-{visited.question(code).pk}")).to_have_attribute("data-version", str(version))
    says(page, "Everything is saved")
