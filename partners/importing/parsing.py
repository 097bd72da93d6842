"""One row of a file as what it says about a person, or why it cannot be understood."""

import re
from collections.abc import Mapping as Map
from dataclasses import dataclass, replace
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from portal.imports.errors import BadValue
from portal.imports.mapping import FieldMapping, Mapping
from portal.imports.values import value_of

from ..choices import Language
from ..rules.rosters import AmbiguousDayError, Fault, parse_day, same_name
from .faults import FaultError
from .places import Places

LENGTHS: Final = {
    "key": 120, "name": 120, "preferred_name": 120, "email": 254, "employee_number": 40, "job_role": 120,
    "programme": 120, "team": 120, "lead": 254, "language": 40,
}  # fmt: skip
DAYS: Final = ("first_day", "last_day")
LANGUAGES: Final = {
    "en": Language.ENGLISH, "english": Language.ENGLISH, "英语": Language.ENGLISH, "英文": Language.ENGLISH,
    "zh": Language.CHINESE, "zh-hans": Language.CHINESE, "zh-cn": Language.CHINESE, "chinese": Language.CHINESE,
    "mandarin": Language.CHINESE, "simplified chinese": Language.CHINESE, "中文": Language.CHINESE,
    "简体中文": Language.CHINESE, "普通话": Language.CHINESE, "汉语": Language.CHINESE,
}  # fmt: skip
_DAY_LIKE: Final = re.compile(r"\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?")


@dataclass(frozen=True, slots=True)
class Understood:
    """What a row says (by field, JSON values), and what is wrong with it. A bad row still says who it may be about."""

    said: dict[str, Any]
    fault: Fault | None = None


def understand(mapping: Mapping, cells: Map[str, str], places: Places) -> Understood:
    """Read one row; the first thing wrong is named."""
    said: dict[str, Any] = {}
    try:
        texts = {name: _text(mapping, cells, name) for name in ("key", *mapping.fields)}
        said.update({name: text for name, text in texts.items() if name in {"key", "name", "email", "lead"}})
        _check_swapped(texts)
        for name, text in texts.items():
            said[name] = _value(mapping, name, text)
        _check_number(mapping, said)
        said.update(places.resolve(texts, mapping.fields))
        if not said.get("key") and not said.get("email"):
            raise FaultError("key", "nobody")
    except FaultError as stopped:
        return Understood(_plain(said), stopped.fault)
    return Understood(said)


def _plain(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name in {"key", "name", "email"} and len(value) <= 254}


def _text(mapping: Mapping, cells: Map[str, str], name: str) -> str:
    if name == "key":
        text = cells.get(mapping.key, "").strip()
        text = "" if text in mapping.missing else text
    else:
        try:
            text = str(value_of(mapping, _field(mapping, name), dict(cells)) or "")
        except BadValue as error:
            raise FaultError(name, "unreadable", why=str(error)) from error
    if text.startswith(("=", "+=", "-=", "@=")):
        raise FaultError(name, "formula")
    if any(not c.isprintable() for c in text):
        raise FaultError(name, "not_text")
    if len(text) > LENGTHS.get(name, 40):
        raise FaultError(name, "too_long", most=LENGTHS.get(name, 40))
    return " ".join(text.split())


def _field(mapping: Mapping, name: str) -> FieldMapping:
    """A default job role is for those who have none yet, not for everybody whose cell is empty."""
    field = mapping.fields[name]
    return replace(field, default=None) if name == "job_role" else field


def _check_swapped(texts: dict[str, str]) -> None:
    """Columns that were exchanged show at once: an address where a name should be, a day where a number should."""
    name, email = texts.get("name", ""), texts.get("email", "")
    if "@" in name:
        raise FaultError("name", "swapped_email" if email and "@" not in email else "email_as_name")
    if "@" in texts["key"] and "@" not in email and "email" in texts:
        raise FaultError("key", "email_as_key")
    for field in ("name", "key"):
        if _DAY_LIKE.fullmatch(texts.get(field, "")):
            raise FaultError(field, "day_there")
    if "name" in texts and name and not any(c.isalpha() for c in name):
        raise FaultError("name", "no_letters")


def _value(mapping: Mapping, name: str, text: str) -> Any:
    if name in DAYS:
        return _day(mapping, name, text)
    if name == "email" and text:
        return _email(text)
    if name == "language" and text:
        if (language := LANGUAGES.get(same_name(text))) is None:
            raise FaultError(name, "language_unknown", value=text[:40])
        return str(language)
    return text


def _email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as error:
        raise FaultError("email", "email_malformed", value=text[:80]) from error
    return text


def _day(mapping: Mapping, name: str, text: str) -> str | None:
    if not text:
        return None
    try:
        return parse_day(text, mapping.dates).isoformat()
    except AmbiguousDayError as error:
        days = [day.isoformat() for day in error.days]
        raise FaultError(name, "day_ambiguous", value=text[:40], one=days[0], other=days[-1]) from error
    except ValueError as error:
        raise FaultError(name, "day_unknown", value=text[:40]) from error


def _check_number(mapping: Mapping, said: dict[str, Any]) -> None:
    if mapping.extra["identity"] == "employee_number" and len(said["key"]) > 40:
        raise FaultError("key", "too_long", most=40)
