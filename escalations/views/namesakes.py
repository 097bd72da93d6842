"""People in lists to choose from: whoever shares a name is told apart by where they work, or else by their address."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from escalations.queries.people import Assignable, standings_of
from portal.accounts.choices import Role
from portal.audit.wording import listed

if TYPE_CHECKING:
    from portal.accounts.models import Membership


def told_apart(people: Iterable[tuple[int, str]]) -> dict[int, str]:
    """Names by user, in their order; of several with one name, the service or role as well, and the address where that is
    still the same. One query if anybody shares a name, else none."""
    names = dict(people)
    same = _doubles(names)
    if not same:
        return names
    standings: dict[int, list[Membership]] = defaultdict(list)
    for one in standings_of(same, timezone.now()):
        standings[one.user_id].append(one)
    placed = {pk: _with(names[pk], listed(dict.fromkeys(map(_place, standings[pk])))) for pk in same}
    alike = _doubles(placed)
    placed |= {pk: _with(placed[pk], standings[pk][0].user.email) for pk in alike if standings[pk]}
    return {**names, **placed}


def _doubles(names: Mapping[int, str]) -> list[int]:
    seen = Counter(name.casefold() for name in names.values())
    return [pk for pk, name in names.items() if seen[name.casefold()] > 1]


def _with(name: str, more: str) -> str:
    return _("%(name)s, %(more)s") % {"name": name, "more": more} if more else name


def _place(one: Membership) -> str:
    """The service, or the role with its site or partner."""
    if one.service is not None:
        return str(one.service.label)
    role, where = str(Role(one.role).label), one.site or one.partner
    return _("%(role)s at %(place)s") % {"role": role, "place": where.name} if where else role


def with_loads(people: Iterable[Assignable]) -> list[tuple[int, str]]:
    """Choices with how many open cases each has."""
    found = list(people)
    names = told_apart((one.id, one.name) for one in found)
    return [(one.id, _loaded(names[one.id], one.open_cases)) for one in found]


def _loaded(name: str, count: int) -> str:
    return ngettext("%(name)s (%(n)d open)", "%(name)s (%(n)d open)", count) % {"name": name, "n": count}
