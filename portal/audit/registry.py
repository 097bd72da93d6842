"""Words for what the trail stores as codes: verbs, kinds of objects, fields, values. Filled in `AppConfig.ready`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Named:
    """What an object is called, and its page ("" where it has none)."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class SubjectType:
    """A kind of object in the trail; `names(ids)` costs one query for all of them."""

    key: str
    label: StrOrPromise
    names: Callable[[Sequence[int]], Mapping[int, Named]]


_verbs: dict[str, StrOrPromise] = {}
_subjects: dict[str, SubjectType] = {}
_fields: dict[str, StrOrPromise] = {}
_values: dict[tuple[str, str], StrOrPromise] = {}
_numbers: dict[str, Callable[[int], str]] = {}
_field_subjects: dict[str, str] = {}
_aliases: dict[tuple[str, str], str] = {}
_unshown: set[str] = set()
_people: list[Callable[[str], Sequence[int]]] = []


def register_verbs(verbs: Mapping[str, StrOrPromise]) -> None:
    """Name verbs, as in {"case.assigned": _("Assigned the case")}."""
    _verbs.update(verbs)


def register_subject(key: str, label: StrOrPromise, names: Callable[[Sequence[int]], Mapping[int, Named]]) -> None:
    """Name a kind of object ("case") and say how its rows are called."""
    _subjects[key] = SubjectType(key, label, names)


def register_field(
    key: str,
    label: StrOrPromise,
    values: Iterable[tuple[str, StrOrPromise]] = (),
    subject: str = "",
    number: Callable[[int], str] | None = None,
) -> None:
    """Name a key of `changes` and, where its values are codes, those (a TextChoices' `.choices`).

    `number` words a value that is a number, as with spans of time.
    `subject` says of what kind of object its values are the ids; "site_id" is known to be of "site" without it.
    """
    _fields[key] = label
    if subject:
        _field_subjects[key] = subject
    if number is not None:
        _numbers[key] = number
    _values.update({(key, str(code)): word for code, word in values})


def register_alias(verb: str, key: str, field: str) -> None:
    """Read `key` in entries with this verb as `field`: what "from" and "to" are depends on what was done."""
    _aliases[verb, key] = field


def register_unshown(*keys: str) -> None:
    """Keys of `changes` that tell a reader nothing: numbers of rows without a name, what the verb says already."""
    _unshown.update(keys)


def register_people(find: Callable[[str], Sequence[int]]) -> None:
    """How to find people by a piece of their name or address: their ids, at most some hundred."""
    _people.append(find)


def find_people(text: str) -> list[int]:
    """The ids of the people that this text may mean."""
    return [pk for find in _people[-1:] for pk in find(text)]


def verbs() -> Mapping[str, StrOrPromise]:
    """All verbs with a name."""
    return _verbs


def subjects() -> Mapping[str, SubjectType]:
    """All kinds of objects with a name."""
    return _subjects


def field_of(verb: str, key: str) -> str:
    """The field that a key of `changes` stands for in entries with this verb: mostly the key itself; "" is not shown."""
    return "" if key in _unshown else _aliases.get((verb, key), key)


def field_label(key: str) -> StrOrPromise:
    """The field's name; without one, its code."""
    return _fields.get(key, key)


def field_subject(key: str) -> str:
    """The kind of object that the field's values are ids of; "" if they are not."""
    subject = _field_subjects.get(key) or (key.removesuffix("_id") if key.endswith("_id") else "")
    return subject if subject in _subjects else ""


def field_order(key: str) -> int:
    """Where the field stands among those of an entry: as registered, unknown ones last."""
    return list(_fields).index(key) if key in _fields else len(_fields)


def value_label(key: str, value: object) -> StrOrPromise:
    """The value's name; without one, itself. None is a dash."""
    if isinstance(value, int) and key in _numbers:
        return _numbers[key](value)
    return _values.get((key, str(value)), "–" if value is None else str(value))
