"""The pieces of My day tell of cases only what their reader may know."""

import pytest

from portal.ui import registry
from tests.web.hidden import COMMON, Secrets
from tests.web.leaks.seeing import leaks, text_of

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def test_no_piece_of_the_day_tells_more_than_its_reader_may_know(found: Secrets) -> None:
    keys = [panel.key for place in ("home", "home_rail") for panel in registry.panels_of(place) if panel.later]
    assert {"breaching", "mine", "new_cases", "waiting"} <= set(keys)
    wrong, seen = [], set()
    for who, client in found.clients.items():
        for url in ("/", *(f"/day/{key}/" for key in keys)):
            text = text_of(client, url, headers={} if url == "/" else HTMX)
            wrong += leaks(found, who, text, url)
            seen |= {url} if COMMON in text else set()
    assert wrong == []
    assert {"/", "/day/mine/", "/day/new_cases/"} <= seen
