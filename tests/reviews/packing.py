"""Sites with figures, and the packs made of them."""

from datetime import date
from typing import Any

from django.utils import timezone

from reviews.actions.freezing import freeze
from reviews.blocks import Bars, Block, Note, Row, Series, Table, thawed
from reviews.models import Pack
from reviews.queries.sections import Built, context_of
from reviews.queries.sections.context import Context
from tests.factories.kpis import contract, site_facts
from tests.factories.partners import SiteFactory
from tests.factories.reviews import PackFactory

FIRST, LAST = date(2026, 10, 5), date(2026, 11, 15)


def a_site(*, contracted: bool = True, last: date = LAST, level: float = 0.82, **fields: Any) -> Any:
    """A site with figures since the beginning of October, under a contract; `level`: about its service level, red below 0.7."""
    site = SiteFactory.create(**fields)
    site_facts(site, FIRST, last, level=level)
    if contracted:
        contract([site])
    return site


def frozen_pack(site: Any = None, **fields: Any) -> Pack:
    """A pack whose numbers are frozen now."""
    pack = PackFactory.create(site=site, **fields)
    assert freeze(pack.pk)
    pack.refresh_from_db()
    return pack


def context(site: Any = None, **fields: Any) -> Context:
    """What sections of a pack of week 46 are built from."""
    return context_of(PackFactory.create(site=site, **fields), timezone.now())


def blocks_of(pack: Pack, section: str) -> dict[str, Block]:
    """The blocks of a frozen section by key."""
    (found,) = (one for one in pack.data["sections"] if one["code"] == section)
    return {one["key"]: thawed(one) for one in found["blocks"]}


def table(built: Built, key: str) -> Table:
    """A table of a section."""
    (found,) = (one for one in built.blocks if one.key == key)
    assert isinstance(found, Table)
    return found


def series(built: Built, key: str) -> Series:
    """A series of a section."""
    (found,) = (one for one in built.blocks if one.key == key)
    assert isinstance(found, Series)
    return found


def bars(built: Built, key: str) -> Bars:
    """Bars of a section."""
    (found,) = (one for one in built.blocks if one.key == key)
    assert isinstance(found, Bars)
    return found


def notes(built: Built) -> list[str]:
    """The codes of a section's notes."""
    return [one.text.code for one in built.blocks if isinstance(one, Note)]


def cell(found: Table, row: str, column: str) -> Any:
    """One cell."""
    (one,) = (candidate for candidate in found.rows if candidate.key == row)
    return one.cells[[column_.key for column_ in found.columns].index(column)]


def row_of(found: Table, key: str) -> Row:
    """One row."""
    (one,) = (candidate for candidate in found.rows if candidate.key == key)
    return one
