"""What a section of a pack is built from, and what it gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from kpis.rules.periods import Period
from partners import queries as directory
from portal.notifications.rules import zone_or_utc

from ...blocks import Block, Needed, Text
from ...choices import Rhythm, Scope
from ...models import Pack
from ...rules.timing import period_of
from .judging import Judged, judge

if TYPE_CHECKING:
    from decimal import Decimal

    from partners.models import Site


@dataclass(frozen=True, slots=True)
class Built:
    """A section: its blocks, the lines that need a comment, other lines that may have one, and what could not be said."""

    blocks: Sequence[Block]
    needed: Sequence[Needed] = ()
    others: Sequence[Needed] = ()
    missing: Sequence[Text] = ()


@dataclass
class Context:
    """A pack's place and period. What several sections need is read once. `options` are those of the section at hand."""

    pack: Pack
    period: Period
    sites: tuple["Site", ...]
    now: datetime
    options: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def site_ids(self) -> list[int]:
        """The sites it is about."""
        return [site.pk for site in self.sites]

    @property
    def one_site(self) -> bool:
        """Whether it is about a site alone, rather than a partner or the network."""
        return self.pack.scope == Scope.SITE

    @property
    def rhythm(self) -> str:
        """How long its period is."""
        return self.pack.kind.rhythm

    @property
    def weekly(self) -> bool:
        """Whether its period is a week."""
        return self.rhythm == Rhythm.WEEK

    @cached_property
    def judged(self) -> dict[int, Judged]:
        """Each site's lines with figures, verdicts and signals."""
        return judge(self.sites, self.period)

    @cached_property
    def following(self) -> Period:
        """The period after."""
        return self.period.previous(-1)

    @property
    def zone(self) -> ZoneInfo:
        """The clock that days are counted by: the site's, or UTC for several."""
        return zone_or_utc(self.sites[0].time_zone if self.one_site and self.sites else "UTC")

    @property
    def since(self) -> datetime:
        """When the period begins."""
        return self.start_of(self.period.first)

    @property
    def until(self) -> datetime:
        """When it is over."""
        return self.start_of(self.following.first)

    def start_of(self, day: date) -> datetime:
        """The instant (UTC) at which a day begins here."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def option(self, name: str, usual: int, most: int) -> int:
        """A number from the section's options, from 1 to `most`."""
        value = self.options.get(name, usual)
        return min(most, max(1, value)) if isinstance(value, int) else usual

    def local_day(self, at: datetime) -> date:
        """The day here of an instant."""
        return at.astimezone(self.zone).date()


def context_of(pack: Pack, now: datetime) -> Context:
    """What a pack is built from: its site, its partner's sites in use, or all of them."""
    sites = directory.live_sites().select_related("partner").order_by("partner__name", "name", "pk")
    if pack.scope == Scope.SITE:
        # A site that was archived meanwhile still has its past.
        found = [pack.site] if pack.site else []
    else:
        found = list(sites.filter(partner=pack.partner_id) if pack.scope == Scope.PARTNER else sites)
    return Context(pack, period_of(pack.kind.rhythm, pack.first_day), tuple(found), now)


def name_of(thing: Any) -> Text:
    """The name of a configured thing in its languages."""
    return Text(thing.name, thing.name_zh)


def said(code: str, **params: Any) -> Text:
    """A sentence or heading of `wording.packs`."""
    return Text(code=code, params=params)


def number(value: "Decimal | None") -> str | None:
    """An exact decimal as blocks keep it."""
    return None if value is None else format(value, "f")
