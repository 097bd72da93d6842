"""A period in which everything was measured and everything was 0: pages and files say that there is no figure, and nothing divides by it."""

import io
import re
import zipfile
from datetime import date

import pytest
from django.test import Client

from kpis.components import SUMMED
from kpis.models import Component
from portal.accounts.choices import Role
from tests.factories.kpis import contract
from tests.factories.partners import QueueFactory, SiteFactory, signed_in
from tests.kpis.filling import figure, queue_day

pytestmark = pytest.mark.django_db
MONTHS = (date(2026, 10, 12), date(2026, 11, 12))


@pytest.fixture
def auditor() -> Client:
    """Who reads of a site under a contract at which nothing happened in two months."""
    queue = QueueFactory.create(programme__site=SiteFactory.create(code="CTU", name="Chengdu"))
    site = queue.programme.site
    for day in MONTHS:
        queue_day(queue, day, **{component.code: 0 for component in SUMMED})
        for code in Component.objects.values_list("code", flat=True):
            figure(code, site, day, 0)
    contract([site])
    return signed_in(Role.AUDITOR)


@pytest.mark.parametrize("kind", ["page", "csv", "xlsx"])
@pytest.mark.parametrize(
    "page", ["", "sites/CTU/", *(f"sites/CTU/why/{code}/" for code in ("service-level", "backlog", "attrition"))]
)
def test_nothing_is_divided_by_it(auditor: Client, page: str, kind: str) -> None:
    url, view = f"/performance/{page}", "?period=2026-11&compare=previous"
    if kind == "page":
        response = auditor.get(f"{url}{view}")
    else:
        response = auditor.post(f"{url}{'' if 'why' in page else 'export/'}{view}", {"format": kind})
    assert response.status_code == 200
    said = "".join(words_of(response.getvalue(), kind))
    assert "November 2026" in said
    assert not re.search(r"\b(nan|inf|infinity)\b", re.sub(r"<[^>]*>", " ", said), re.IGNORECASE)


def words_of(content: bytes, kind: str) -> list[str]:
    """The text of a page or file; of a workbook, of each of its parts."""
    if kind != "xlsx":
        return [content.decode("utf-8-sig")]
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return [book.read(name).decode() for name in book.namelist()]
