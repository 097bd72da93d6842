"""`manage.py kpi_value KPI --site S --from D --to D [--by day|week|month] [--formula then|now|N] [--json]`."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kpis.models import Kpi
from kpis.queries import NOW, THEN, Scope, figures
from kpis.rules.formulas import Reading
from kpis.rules.periods import Period, containing, parse
from kpis.rules.windows import first_of
from partners import queries as directory
from portal.accounts.rules import SYSTEM

BY: Final = ("day", "week", "month")
WHY: Final[Mapping[str, str]] = {
    "no_data": "no data",
    "not_measured": "not measured",
    "zero_denominator": "the denominator is 0",
}


class Command(BaseCommand):
    """Prints a KPI of a site with what it was made of."""

    help = "Print a KPI of a site: value, numerator, denominator, n, 95 % interval and version of the formula."

    def add_arguments(self, parser: CommandParser) -> None:
        """The KPI, the site, the days."""
        parser.add_argument("kpi", metavar="KPI", help="code of the KPI, such as service-level")
        parser.add_argument("--site", required=True, help="code of the site")
        parser.add_argument("--from", dest="first", required=True, metavar="DAY", help="first day, 2026-11-01")
        parser.add_argument("--to", dest="last", required=True, metavar="DAY", help="last day, included, 2026-11-30")
        parser.add_argument("--by", choices=BY, help="also for each day, ISO week or month")
        parser.add_argument("--formula", default=THEN, help="then (in force on each day), now, or a version's number")
        parser.add_argument("--with-excluded", action="store_true", help="count what lies in approved exclusions too")
        parser.add_argument("--json", action="store_true", help="one line of JSON with exact numbers")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look it up and print it."""
        kpi, site = _kpi(options["kpi"]), _site(options["site"])
        first, last = _day(options["first"], "--from"), _day(options["last"], "--to")
        if last < first:
            raise CommandError(f"--to {last} is before --from {first}.")
        scope, by, today = Scope(frozenset({site.pk})), options["by"], directory.site_today(site)
        more: dict[str, Any] = {"formula": _formula(kpi, options["formula"]), "excluded": options["with_excluded"]}
        whole = _reading(figures(scope, [kpi], first, last, (), **more), kpi, ())
        rows = []
        if by:
            found = figures(scope, [kpi], first, last, (by,), **more)
            rows = [(period, _reading(found, kpi, (period.first,))) for period in _periods(by, first, last)]
        if options["json"]:
            self.stdout.write(_json(_told(kpi, site, (first, last), whole, by, rows)))
            return
        self.stdout.write(f"{kpi.code} at {options['site']}, {first} to {last}: {_words(whole, today)}")
        for period, reading in rows:
            self.stdout.write(f"{period.key}: {_words(reading, today)}")


def _kpi(code: str) -> Kpi:
    found = Kpi.objects.filter(code=code).first()
    if found is None:
        known = ", ".join(Kpi.objects.filter(archived_at=None).values_list("code", flat=True))
        raise CommandError(f"There is no KPI {code}. There are: {known}.")
    return found


def _site(code: str) -> Any:
    found = directory.sites_visible_to(SYSTEM).filter(code=code).first()
    if found is None:
        raise CommandError(f"There is no site {code}.")
    return found


def _day(text: str, option: str) -> date:
    period = parse(text)
    if period is None or period.grain != "day":
        raise CommandError(f"{option} {text} is not a day. Write it as 2026-11-24.")
    return period.first


def _formula(kpi: Kpi, text: str) -> str | int:
    if text in {THEN, NOW}:
        return text
    numbers = [str(number) for number in kpi.versions.values_list("number", flat=True)]
    if text not in numbers:
        raise CommandError(f"--formula {text} is none of: then, now, {', '.join(numbers)}.")
    return int(text)


def _reading(found: Mapping[Any, Mapping[str, Reading]], kpi: Kpi, key: tuple[Any, ...]) -> Reading:
    return found.get(key, {}).get(kpi.code) or Reading(why="no_data")


def _periods(by: str, first: date, last: date) -> Iterator[Period]:
    """Every period with a day from `first` to `last`."""
    period = containing(by, first)
    while period.first <= last:
        yield period
        period = containing(by, period.last + timedelta(days=1))


def _told(
    kpi: Kpi, site: Any, days: tuple[date, date], whole: Reading, by: str | None, rows: list[tuple[Period, Reading]]
) -> dict[str, Any]:
    (first, last), today = days, directory.site_today(site)
    told = {
        "kpi": kpi.code,
        "site": site.code,
        "unit": kpi.unit,
        "from": first,
        "to": last,
        **_parts(whole, last, today),
    }
    if by:
        told["by"] = by
        told["rows"] = [
            {
                "period": period.key, "from": max(period.first, first), "to": min(period.last, last),
                **_parts(reading, min(period.last, last), today),
            }
            for period, reading in rows
        ]  # fmt: skip
    return told


def _parts(reading: Reading, last: date, today: date) -> dict[str, Any]:
    return {
        "value": reading.value,
        "numerator": reading.numerator,
        "denominator": reading.denominator,
        "n": reading.n,
        "interval": None if reading.low is None else [reading.low, reading.high],
        "version": reading.versions[-1] if reading.versions else None,
        "versions": list(reading.versions),
        "why": reading.why,
        **_beside(reading, last, today),
    }


def _beside(reading: Reading, last: date, today: date) -> dict[str, Any]:
    """What only some figures have: the window that they roll over, over how many days if it is not full, and that they may still change."""
    told: dict[str, Any] = {}
    if reading.window:
        told["window"] = {"months": reading.window, "from": first_of(last, reading.window), "to": last}
    if reading.days:
        told["over_days"] = reading.days
    if reading.is_provisional(today):
        told |= {"provisional": True, "provisional_until": reading.closes}
    return told


def _json(value: Any) -> str:
    """JSON whose decimals keep every digit, which `json` cannot do."""
    match value:
        case dict():
            return "{" + ", ".join(f"{json.dumps(key)}: {_json(one)}" for key, one in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_json, value)) + "]"
        case Decimal():
            return _plain(value)
        case date():
            return json.dumps(value.isoformat())
    return json.dumps(value)


def _plain(number: Decimal | None) -> str:
    """A decimal without exponent and without zeros at its end."""
    if number is None:
        return "-"
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _words(reading: Reading, today: date) -> str:
    value = None if reading.value is None else round(reading.value, 6)
    head = f"no value ({WHY[reading.why]})" if value is None else _plain(value)
    parts = [f"numerator {_plain(reading.numerator)}", f"denominator {_plain(reading.denominator)}"]
    parts.append(f"n {'-' if reading.n is None else reading.n}")
    if reading.low is not None and reading.high is not None:
        parts.append(f"95 % interval {_plain(round(reading.low, 6))} to {_plain(round(reading.high, 6))}")
    parts.append(f"version {', '.join(map(str, reading.versions)) or '-'}")
    if reading.window:
        over = f", over {reading.days} days" if reading.days else ""
        parts.append(f"rolling {reading.window} months{over}")
    if reading.is_provisional(today):
        parts.append(f"provisional until {reading.closes}")
    return f"{head}; {'; '.join(parts)}"
