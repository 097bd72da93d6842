"""Who hears of agreements: whoever speaks for a side at the site when the message is handed round, stand-ins included."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from portal.accounts import queries as accounts
from portal.notifications.registry import Delivery

from ..choices import ExclusionState, StatementState
from ..models import Exclusion, Result, Statement
from ..rules import standing
from ..rules.standing import Place

type Payload = Mapping[str, Any]


def speakers(places: Collection[Place], side: str, at: datetime) -> dict[int, set[int]]:
    """By site the users who speak for a side there. Five queries, whatever the number of sites."""
    role = standing.LEAD if side == standing.PARTNER else standing.MANAGER
    sites, partners = {one.site_id for one in places}, {one.partner_id for one in places}
    members = accounts.live_memberships(at).filter(Q(site__in=sites) | Q(partner__in=partners), role=role)
    users = set(members.values_list("user_id", flat=True))
    users |= set(accounts.live_delegations(at).filter(principal__in=users).values_list("delegate_id", flat=True))
    found: dict[int, set[int]] = defaultdict(set)
    for user, actor in accounts.actors_of(users, at).items():
        for place in places:
            if standing.deciding(actor, place, side) is not None:
                found[place.site_id].add(user)
    return found


def of_exclusions(payloads: list[Payload]) -> list[Delivery]:
    """The side that did not act; of a proposal only as long as it waits."""
    rows = Exclusion.objects.filter(pk__in=_ids(payloads)).select_related("site")
    waiting = [
        (payload, row)
        for payload, row in _with_rows(payloads, rows)
        if row.state == ExclusionState.PROPOSED or payload["what"] not in {"proposed", "evidence"}
    ]
    return _deliveries(waiting, _of_exclusion)


def of_results(payloads: list[Payload]) -> list[Delivery]:
    """The side that did not freeze or revise."""
    rows = Result.objects.filter(pk__in=_ids(payloads)).select_related("site")
    return _deliveries(_with_rows(payloads, rows), _of_result)


def of_statements(payloads: list[Payload]) -> list[Delivery]:
    """The side that did not draft or sign; what waits for a signature only as long as it does."""
    rows = Statement.objects.filter(pk__in=_ids(payloads)).select_related("result__site")
    wanted = [
        (payload, row)
        for payload, row in _with_rows(payloads, rows)
        if (row.state == StatementState.SIGNED) == (payload["what"] == "both")
    ]
    return _deliveries(wanted, lambda row: _of_result(row.result))


def _of_exclusion(row: Any) -> tuple[Any, str, dict[str, str]]:
    return row.site, reverse("kpis:exclusion", args=[row.pk]), {"day": row.first_day.isoformat()}


def _of_result(row: Any) -> tuple[Any, str, dict[str, str]]:
    url = reverse("kpis:result", args=[row.site.code, row.month])
    return row.site, url, {"month": row.month.isoformat(), "revision": str(row.revision)}


def _deliveries(told: Iterable[tuple[Payload, Any]], facts: Any) -> list[Delivery]:
    found, now = [], timezone.now()
    by_side: dict[str, list[tuple[Payload, Any]]] = defaultdict(list)
    for payload, row in told:
        by_side[payload["side"]].append((payload, row))
    for side, pairs in by_side.items():
        places = {Place(site.pk, site.partner_id) for site in (facts(row)[0] for _payload, row in pairs)}
        heard = speakers(places, side, now)
        for payload, row in pairs:
            site, url, more = facts(row)
            params = {"site": site.name, "site_zh": site.name_zh, "what": payload["what"], **more}
            users = sorted(heard.get(site.pk, set()) - set(payload["by"]))
            found += [Delivery(user, row.pk, url, params) for user in users]
    return found


def _ids(payloads: Iterable[Payload]) -> set[int]:
    return {int(one["row"]) for one in payloads}


def _with_rows(payloads: Iterable[Payload], rows: Iterable[Any]) -> list[tuple[Payload, Any]]:
    by_id = {row.pk: row for row in rows}
    return [(one, by_id[one["row"]]) for one in payloads if one["row"] in by_id]
