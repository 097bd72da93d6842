"""What a page of figures is asked for. The whole view is in the address, so that it can be kept and sent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.utils.http import urlencode

from ..access.subjects import Subject
from ..choices import Grain
from ..queries import NOW, THEN
from ..rules.periods import Period, containing, last_complete_week, parse, run_up, whole_until

PREVIOUS, YEAR, NONE = "previous", "year", "none"
COMPARISONS: Final = (PREVIOUS, YEAR, NONE)
SORTS: Final = ("score", "name")
# What says in an address that time counts which both sides have taken out.
WITH: Final = "with"
_CODE: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
_SITE: Final = re.compile(r"site:[A-Z0-9-]{1,16}")
# Weeks that a control chart is made of, and those that a row's sparkline shows.
WEEKS: Final = 26
SPARK: Final = 13


@dataclass(frozen=True, slots=True)
class Asked:
    """`compare`: previous, year, none, or site:CODE. `formula`: then, now, or a version's number. Empty: nothing chosen.

    `excluded`: also what lies in approved exclusions, which a contract leaves out. `today`: the day at the subject's site.
    """

    period: Period
    compare: str = PREVIOUS
    formula: str | int = THEN
    partner: str = ""
    kpi: str = ""
    sort: str = "score"
    excluded: bool = False
    today: date | None = None

    def query(self, **changes: str) -> str:
        """The whole view as a query, with changes, for the way to another page."""
        return f"?{urlencode(self.view(**changes))}"

    def view(self, **changes: str) -> list[tuple[str, str]]:
        """The whole view as names and values, with changes; what nobody would choose otherwise is left out."""
        view = {
            "period": self.period.key,
            "compare": "" if self.compare == PREVIOUS else self.compare,
            "formula": "" if self.formula == THEN else str(self.formula),
            "excluded": WITH if self.excluded else "",
            "partner": self.partner, "kpi": self.kpi, "sort": "" if self.sort == "score" else self.sort,
        }  # fmt: skip
        return [(name, value) for name, value in {**view, **changes}.items() if value]

    @property
    def other(self) -> Period | None:
        """The period to compare with; None when another site, or nothing, is."""
        if self.compare == PREVIOUS:
            return self.period.previous()
        return self.period.year_before() if self.compare == YEAR else None

    @property
    def other_site(self) -> str:
        """The code of the site to compare with."""
        return self.compare.removeprefix("site:") if self.compare.startswith("site:") else ""

    def weeks(self, newest: date | None, today: date) -> list[Period]:
        """The whole weeks up to the period's end, or to the newest figures, oldest first. `today`: at the site."""
        until = min(self.period.last, newest or self.period.last)
        return run_up(last_complete_week(whole_until(until, today)), WEEKS)

    def grains(self, newest: date | None) -> list[tuple[str, str]]:
        """Every length of period, with the one of that length around the same time."""
        anchor = max(self.period.first, min(self.period.last, newest or self.period.last))
        return [(grain, containing(grain, anchor).key) for grain in Grain.values]


def asked_of(request: HttpRequest, subject: Subject) -> Asked:
    """Read the address. Without a period: the month of the subject's newest figures. Raises BadRequest for what cannot be meant."""
    given = request.GET
    compare, sort = given.get("compare", "") or PREVIOUS, given.get("sort", "") or "score"
    if not (compare in COMPARISONS or _SITE.fullmatch(compare)) or sort not in SORTS:
        raise BadRequest("comparison or order")
    if given.get("excluded", "") not in {"", WITH}:
        raise BadRequest("excluded time")
    return Asked(
        period=_period(given, subject),
        compare=compare,
        formula=_formula(given.get("formula", "") or THEN),
        partner=_code(given.get("partner", "")),
        kpi=_code(given.get("kpi", "")),
        sort=sort,
        excluded=given.get("excluded") == WITH,
        today=subject.today,
    )


def _period(given: Mapping[str, str], subject: Subject) -> Period:
    text, grain = given.get("period", ""), given.get("grain", "")
    if not text or text == Grain.ROLLING:
        length = grain or (Grain.ROLLING if text else Grain.MONTH)
        if length not in Grain.values:
            raise BadRequest("period")
        # Of several sites, some may be a day ahead.
        return containing(length, min(subject.newest or subject.today, subject.today + timedelta(days=1)))
    period = parse(text)
    if period is None:
        raise BadRequest("period")
    return period


def _formula(text: str) -> str | int:
    if text in {THEN, NOW}:
        return text
    if not re.fullmatch(r"[1-9][0-9]{0,3}", text):
        raise BadRequest("formula")
    return int(text)


def _code(text: str) -> str:
    if text and not _CODE.fullmatch(text):
        raise BadRequest("code")
    return text
