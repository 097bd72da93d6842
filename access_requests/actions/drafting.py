"""Requests in the making: begun, filled, sent once however often the button is pressed, thrown away."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from partners import queries as directory
from portal.accounts.rules import Actor
from portal.refusals import RefusedError

from .. import access, queries, rules
from ..choices import RequestKind
from ..models import AccessRequest, RequestDraft
from ..queries.people import people_of_site, sites_to_request
from ..queries.preview import Preview, Wish, preview
from ..rules import lists
from ._base import lock_people
from .leaving import report_leavers, settle
from .raising import Line, raise_request

KINDS: Final = (RequestKind.JOINER, RequestKind.MOVER, RequestKind.LEAVER, RequestKind.AD_HOC)
DRAFT_DAYS: Final = 30


def start_draft(*, actor: Actor, kind: str, site_id: int, person_id: int | None = None) -> RequestDraft:
    """Begin a request for people of a site, perhaps with the first of them. Raises Http404 for what is out of sight."""
    site = sites_to_request(actor).filter(pk=site_id).first()
    if site is None or kind not in KINDS or actor.user_id is None:
        raise Http404
    rows: list[dict[str, Any]] = []
    if person_id is not None:
        rows = [stored(lists.Row(1, {}, person_of(site_id, kind, person_id)))]
    return RequestDraft.objects.create(owner_id=actor.user_id, kind=kind, site=site, rows=rows)


def person_of(site_id: int, kind: str, person_id: int) -> int:
    """The person, if the site's people of whom this may be asked have them. Raises Http404."""
    if not people_of_site(site_id, kind).filter(pk=person_id).exists():
        raise Http404
    return person_id


@transaction.atomic
def save_draft(*, actor: Actor, draft_id: UUID, **values: Any) -> RequestDraft:
    """Keep what was filled in. Raises Http404."""
    draft = access.get_draft(actor, draft_id, for_update=True)
    for name, value in values.items():
        setattr(draft, name, value)
    draft.saved_at = timezone.now()
    draft.save(update_fields=[*values, "saved_at"])
    return draft


@transaction.atomic
def discard_draft(*, actor: Actor, draft_id: UUID) -> None:
    """Throw a draft away. Raises Http404."""
    access.get_draft(actor, draft_id, for_update=True).delete()


def prune_drafts() -> int:
    """Forget drafts that nobody touched for a month; how many."""
    old = RequestDraft.objects.filter(request=None, saved_at__lt=timezone.now() - timedelta(days=DRAFT_DAYS))
    return old.delete()[0]


@transaction.atomic
def send_draft(*, actor: Actor, draft_id: UUID, reason: str | None = None) -> list[AccessRequest]:
    """Send what a draft asks for: a request per first (or last) shift. Twice gives the same requests.

    Raises Http404, PermissionDenied, RefusedError (nothing_asked, shift_needed, and those of `raise_request`).
    """
    draft = access.get_draft(actor, draft_id, for_update=True, sent=True)
    if draft.request_id is not None:
        return sent_as(draft)
    if reason is not None:
        draft.reason = reason
    groups = by_shift(draft)
    lock_people(person for people in groups.values() for person in people)
    made = [
        request
        for number, (shift, people) in enumerate(groups.items())
        if (request := _raise(actor, draft, shift, people, f"draft:{draft.pk}:{number}")) is not None
    ]
    if not made:
        raise RefusedError("nothing_asked")
    draft.request, draft.rows, draft.saved_at = made[0], [], timezone.now()
    draft.save(update_fields=["request", "rows", "reason", "saved_at"])
    return made


def sent_as(draft: RequestDraft) -> list[AccessRequest]:
    """The requests that a draft became."""
    return list(AccessRequest.objects.filter(origin_key__startswith=f"draft:{draft.pk}:").order_by("pk"))


def by_shift(draft: RequestDraft) -> dict[datetime | None, list[int]]:
    """The draft's people by when they begin or end; the draft's own shift where their row says nothing."""
    found: dict[datetime | None, list[int]] = defaultdict(list)
    zone = ZoneInfo(draft.site.time_zone)
    for one in checked(draft):
        if one.person_id is not None:
            shift = draft.shift_at
            if one.day is not None and shift is not None:
                shift = datetime.combine(one.day, shift.astimezone(zone).time(), zone)
            found[shift].append(one.person_id)
    return dict(sorted(found.items(), key=lambda pair: (pair[0] is not None, pair[0] or timezone.now())))


def checked(draft: RequestDraft) -> list[lists.Checked]:
    """The draft's rows as they stand in the directory now."""
    rows = rows_of(draft)
    today = None if draft.kind == RequestKind.LEAVER else directory.site_today(draft.site)
    return lists.check(rows, queries.known_people(draft.site_id, draft.kind, rows), today=today)


def wish_of(draft: RequestDraft, person_ids: Collection[int]) -> Wish:
    """What the draft asks for."""
    return Wish(draft.kind, tuple(person_ids), frozenset(draft.left_out), frozenset(draft.extras))


def rows_of(draft: RequestDraft) -> list[lists.Row]:
    """The rows as they were named."""
    return [lists.Row(**row) for row in draft.rows]


def stored(row: lists.Row) -> dict[str, Any]:
    """A row as the draft keeps it."""
    return asdict(row)


def _raise(
    actor: Actor, draft: RequestDraft, shift: datetime | None, people: Sequence[int], key: str
) -> AccessRequest | None:
    if shift is None and draft.kind != RequestKind.AD_HOC:
        raise RefusedError("shift_needed", "day")
    now = timezone.now()
    if draft.kind == RequestKind.LEAVER:
        return report_leavers(
            actor=actor, site_id=draft.site_id, person_ids=people, last_shift_at=shift or now, reason=draft.reason,
            origin_key=key,
        )  # fmt: skip
    lines = _lines(draft, preview(draft.site, wish_of(draft, people), now))
    if draft.kind == RequestKind.MOVER:
        access.permit(rules.requesting(actor, rules.Site(draft.site_id, draft.site.partner_id)))
        lines += settle(people, now)
    if not lines:
        return None
    return raise_request(
        actor=actor, kind=draft.kind, site_id=draft.site_id, lines=lines, reason=draft.reason, first_shift_at=shift,
        origin_key=key,
    )  # fmt: skip


def _lines(draft: RequestDraft, made: Preview) -> list[Line]:
    until = None if draft.ends_on is None else _end(draft.ends_on, draft.site.time_zone)
    return [
        Line(person, one, bundle_version_id=version, ends_at=until if version is None else None)
        for person, wanted in made.granted.items()
        for one, version in _ordered(wanted)
    ]


def _ordered(wanted: Mapping[int, int | None]) -> list[tuple[int, int | None]]:
    return sorted(wanted.items(), key=lambda pair: pair[0])


def _end(day: date, zone: str) -> datetime:
    return directory.end_of(day, zone)
