"""Somebody at a screen: sees pages, fills in the forms that are on them, presses their buttons."""

import re
from html import unescape
from typing import Any

from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from tests.factories.accounts import PASSWORD


def words(html: str) -> str:
    """What a page says, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def attributes(tag: str) -> dict[str, str]:
    """The attributes of a tag."""
    return {name: unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}


class Browser:
    """Somebody at a screen, who sees pages and presses the buttons that are on them."""

    def __init__(self, who: User) -> None:
        self.who, self.client = who, Client()
        self.client.force_login(who)

    def html(self, url: str) -> str:
        """A page that is there."""
        response = self.client.get(url)
        assert response.status_code == 200, (url, response.status_code)
        body = b"".join(response) if response.streaming else response.content  # type: ignore[arg-type]
        return body.decode()

    def see(self, url: str) -> str:
        """What it says."""
        return words(self.html(url))

    def sign_in(self) -> str:
        """From a new window: where one ends, or what the page says that refuses."""
        form = {"login": self.who.email, "password": PASSWORD}
        response = Client().post(reverse("account_login"), form)
        return response["Location"] if response.status_code == 302 else words(response.content.decode())

    def boxes(self, url: str, name: str) -> list[str]:
        """What can be ticked there."""
        found = (attributes(tag) for tag in re.findall(r'<input type="checkbox"[^>]*>', self.html(url)))
        return [one["value"] for one in found if one.get("name") == name]

    def press(self, url: str, button: str, tick: str = "", **typed: Any) -> Any:
        """Fill in the form of a button, tick every box of a name, and press."""
        for form, inside in re.findall(r'(<form\b[^>]*method="post"[^>]*>)(.*?)</form>', self.html(url), re.DOTALL):
            buttons = re.findall(r"(<button\b[^>]*>)(.*?)</button>", inside, re.DOTALL)
            pressed = next((attributes(tag) for tag, text in buttons if words(text).startswith(button)), None)
            if pressed is None:
                continue
            inputs = [attributes(tag) for tag in re.findall(r"<input[^>]*>", inside)]
            data: dict[str, Any] = {
                one["name"]: one["value"] for one in inputs if {"name", "value"} <= one.keys() and one["type"] != "checkbox"
            }  # fmt: skip
            if "name" in pressed:
                data[pressed["name"]] = pressed["value"]
            if tick:
                data[tick] = self.boxes(url, tick)
                assert data[tick], f"nothing to tick at {url}"
            return self.client.post(attributes(form).get("action") or url, data | typed, follow=True)
        raise AssertionError(f"no button “{button}” at {url}")
