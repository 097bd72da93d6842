"""What a country's rules say of the days of some years: holidays, and working days that make up for them.

From the library `holidays`; China, where weekends are moved about each year, from `chinesecalendar` for the years
that have been published and from `holidays` for the rest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Final

import holidays
from chinese_calendar import constants as china
from holidays.registry import COUNTRIES

YEARS_BACK: Final = 12
YEARS_AHEAD: Final = 5
_CHINESE: Final = ("zh_CN", "zh_HK", "zh_TW")


@dataclass(frozen=True, slots=True)
class CountryDays:
    """Holidays by date with names in English and Chinese, and make-up working days. Dates in ISO form."""

    holidays: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    workdays: tuple[str, ...] = ()


def horizon(today: date) -> range:
    """The years that a calendar's version covers."""
    return range(today.year - YEARS_BACK, today.year + YEARS_AHEAD + 1)


def country_days(country: str, subdivision: str, years: Iterable[int]) -> CountryDays:
    """The days of these years. Raises ValueError for a country or subdivision that is not known."""
    if not country:
        return CountryDays()
    wanted = frozenset(years)
    published = frozenset(day.year for day in china.holidays) if country == "CN" else frozenset()
    found = _by_rule(country, subdivision, wanted - published)
    if country == "CN":
        chosen = wanted & published
        found |= {day.isoformat(): _chinese_names(name) for day, name in china.holidays.items() if day.year in chosen}
        work = tuple(sorted(day.isoformat() for day in china.workdays if day.year in chosen))
        return CountryDays(dict(sorted(found.items())), work)
    return CountryDays(dict(sorted(found.items())))


def countries() -> list[str]:
    """ISO codes of the countries whose holidays are known."""
    return sorted(_subdivisions())


def subdivisions(country: str) -> list[str]:
    """Codes of the regions of a country that have holidays of their own."""
    return list(_subdivisions().get(country, ()))


def last_published(country: str) -> int | None:
    """The last year whose days were announced, where announcements matter; else None."""
    return max(day.year for day in china.workdays) if country == "CN" else None


def _by_rule(country: str, subdivision: str, years: frozenset[int]) -> dict[str, tuple[str, str]]:
    try:
        english = _days_of(country, subdivision, years, "en_US")
        chinese = _days_of(country, subdivision, years, _chinese_of(country))
    except (NotImplementedError, KeyError) as error:
        raise ValueError(f"no holidays are known of {country} {subdivision}".rstrip()) from error
    return {day.isoformat(): (name, chinese.get(day, "")) for day, name in english.items()}


def _days_of(country: str, subdivision: str, years: frozenset[int], language: str) -> dict[date, str]:
    if not language or not years:
        return {}
    return dict(holidays.country_holidays(country, subdiv=subdivision or None, years=sorted(years), language=language))


def _chinese_of(country: str) -> str:
    spoken = _class_of(country).supported_languages
    return next((language for language in _CHINESE if language in spoken), "")


def _class_of(country: str) -> Any:
    return getattr(holidays, country)


def _chinese_names(name: str) -> tuple[str, str]:
    known = next((item for item in china.Holiday if item.value == name), None)
    return name, known.chinese if known else ""


@lru_cache(maxsize=1)
def _subdivisions() -> Mapping[str, tuple[str, ...]]:
    # Financial markets and retired names have longer codes; the supported ones are ISO 3166 alpha-2.
    found = holidays.list_supported_countries(include_aliases=False)
    known = {codes[1] for codes in COUNTRIES.values()}
    return {code: tuple(regions) for code, regions in found.items() if code in known and len(code) == 2}
