"""Who reviews what in the demo, and when: sites, people of both sides, days counted from the last Monday but today."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from kpis import queries as performance
from partners import queries as directory
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.accounts.rules import Actor
from portal.demo.diary import Diary
from reviews.rules.standing import Place

if TYPE_CHECKING:
    from partners.models import Site

#: Where the printed logins work, and the site beside it, which reads Chinese.
OWN, TWIN = "CTU", "DLC"


@dataclass
class World:
    """Everything that the story of the reviews needs. `monday`: packs of the week before it are the newest."""

    monday: date
    today: date
    sites: "dict[str, Site]"
    kpis: dict[str, int]
    diary: Diary = field(default_factory=Diary)
    _people: dict[str, Actor] = field(default_factory=dict)

    def by(self, name: str) -> Actor:
        """Somebody by the part of their address before the @."""
        if name not in self._people:
            self._people[name] = actor_for(User.objects.get(email=f"{name}@demo.example"))
        return self._people[name]

    def lead(self, code: str) -> Actor:
        """The lead of a site."""
        return self.by("lead" if code == OWN else f"lead1.{code.lower()}")

    def coordinator(self, code: str) -> Actor:
        """The coordinator of a site."""
        zone = self.sites[code].time_zone
        return self.by("coordinator" if zone.startswith("Asia/") else "coordinator.west")

    def place(self, code: str) -> Place:
        """A site as a place."""
        site = self.sites[code]
        return Place(site.pk, site.partner_id)

    def when(self, day: date, hour: int, minute: int = 0, *, site: str = OWN) -> datetime:
        """An hour of a day on the clock of a site."""
        return datetime.combine(day, time(hour, minute), ZoneInfo(self.sites[site].time_zone))

    def ago(self, days: int, hour: int = 10, minute: int = 0) -> datetime:
        """An hour some days before today (less than 0: to come)."""
        return self.when(self.today - timedelta(days=days), hour, minute)


def user_id(actor: Actor) -> int:
    """The account behind somebody of the demo."""
    assert actor.user_id is not None
    return actor.user_id


ONE_DAY: Final = timedelta(days=1)


def weekday(day: date, step: timedelta = ONE_DAY) -> date:
    """The day, or the next one (back, with a step of less than 0) that is no weekend."""
    while day.weekday() > 4:
        day += step
    return day


def world_of(today: date) -> World:
    """The demo as it stands."""
    yesterday = today - ONE_DAY
    return World(
        monday=yesterday - timedelta(days=yesterday.weekday()),
        today=today,
        sites={site.code: site for site in directory.live_sites().select_related("partner").order_by("pk")},
        kpis={kpi.code: kpi.pk for kpi in performance.kpis_in_use()},
    )
