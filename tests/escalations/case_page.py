"""The page of a case, read and acted on as somebody."""

import re
from typing import Any

from django.urls import reverse

from escalations.models import Case
from tests.escalations.pages_world import HTMX, World


def page(here: World, who: str, case: Case, query: str = "") -> str:
    response = here.client(who).get(f"/cases/{case.ref}/{query}")
    assert response.status_code == 200
    return response.content.decode()


def act(
    here: World, who: str, case: Case, name: str, data: dict[str, Any], *, htmx: bool = False, version: bool = True
) -> Any:
    """Post one of the case's forms as the page would."""
    case.refresh_from_db()
    said = {"version": case.version, **data} if version else data
    address = reverse(f"escalations:case-{name}", args=[case.ref])
    return here.client(who).post(address, said, headers=HTMX if htmx else {})


def buttons(html: str) -> set[str]:
    return set(re.findall(r'id="open-([a-z]+)"', html))
