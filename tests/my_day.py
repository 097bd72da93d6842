"""My day as it is read: the page, with the pieces that come after it in their places."""

import re
from typing import Final

from django.test import Client

from tests.escalations.pages_world import HTMX

_LATER: Final = re.compile(r'<div hx-get="(/day/[a-z_]+/)".*?</div>', re.DOTALL)


def my_day(client: Client) -> str:
    """The words of My day of whoever is signed in."""
    return _LATER.sub(lambda piece: _words(client, piece[1]), _words(client, "/"))


def _words(client: Client, url: str) -> str:
    response = client.get(url, headers=HTMX if url != "/" else {})
    assert response.status_code == 200, url
    return str(response.content.decode())
