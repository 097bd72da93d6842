"""Evidence packs: asked for with a reason, made by a worker once a request, handed out with a note of it, deleted after a while."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.utils import timezone, translation

from escalations import access, queries, rules
from escalations.choices import Entry, Reason
from escalations.choices.evidence import (
    LARGEST_PACK,
    MOST_ATTEMPTS,
    MOST_ENTRIES,
    MOST_READY,
    PACK_FILES,
    PackFault,
    PackState,
)
from escalations.models import CarriedEntry, Case, EvidencePack
from escalations.queries import evidence as packing
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM
from portal.files import actions as files
from portal.files.disk import FULL
from portal.files.queries import files_of
from portal.ui.pdf import NoPangoError
from portal.ui.times import time_text

from ._base import Refused, add_entry, locked, required, touch, trail, words
from .telling import tell

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from portal.accounts.rules import Actor
    from portal.files.models import StoredFile

logger = logging.getLogger(__name__)
_AT_ONCE: Final = 20
_WAIT: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Built:
    """What was written: whose entries it holds, and the hash of the list of hashes."""

    cases: list[int]
    manifest_sha256: str


class NotPackedError(Exception):
    """It cannot be made; `fault` says why."""

    def __init__(self, fault: PackFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


Build = Callable[["Actor", Case, EvidencePack, IO[bytes]], Built]


def ask_pack(*, actor: Actor, ref: str | int, reason: str) -> EvidencePack:
    """Have everything of a case made into one archive, as it stands now and as the actor sees it. The reason stands in the
    activity. Raises Refused, also for what would be too large, while they wait for one or have enough, and Http404."""
    why = words(reason, needed=Reason.REASON_NEEDED)
    with locked(actor, ref) as case:
        acting = required(actor, rules.can_pack(actor, queries.facts_of(actor, case)))
        if acting.user_id is None:
            raise Refused(Reason.NOT_YOUR_ROLE)
        _check_wanted(case, acting.user_id)
        now = timezone.now()
        extent = packing.extent_of(actor, case, now)
        if extent.size > LARGEST_PACK or extent.entries > MOST_ENTRIES:
            raise Refused(Reason.PACK_TOO_LARGE)
        made = EvidencePack.objects.create(
            case=case, asked_by_id=acting.user_id, asked_at=now, language=translation.get_language() or "en"
        )
        add_entry(case, acting, Entry.DETAILS, "evidence.asked", timezone.now(), text=why)
        touch(case, now)
        trail(acting, "case.evidence_asked", case, {"pack": made.pk})
        return made


def _check_wanted(case: Case, user_id: int) -> None:
    """Not another one while one is made, nor beyond what one needs: each may be large, and lies there for a month."""
    theirs = EvidencePack.objects.filter(case=case, asked_by=user_id)
    if theirs.filter(state=PackState.WAITING).exists():
        raise Refused(Reason.PACK_WAITS)
    ready = theirs.filter(state=PackState.READY).order_by("expires_at").values_list("expires_at", flat=True)
    ends = [end for end in ready[:MOST_READY] if end is not None]
    if len(ends) >= MOST_READY:
        raise Refused(Reason.PACKS_ENOUGH, count=str(MOST_READY), day=time_text(ends[0], "date"))


def make_packs(build: Build) -> int:
    """Make what waits, oldest first; how many. Safe to run twice at once and to be killed anywhere: one file a request."""
    now = timezone.now()
    due = EvidencePack.objects.filter(Q(not_before=None) | Q(not_before__lte=now), state=PackState.WAITING)
    return sum(_make(pk, build) for pk in list(due.order_by("pk").values_list("pk", flat=True)[:_AT_ONCE]))


def _make(pk: int, build: Build) -> bool:
    if not _begin(pk):
        return False
    try:
        return _write(pk, build)
    except NotPackedError as error:
        _end(pk, error.fault)
    except NoPangoError as error:
        logger.error("evidence pack %s was not made", pk, exc_info=error)
        _end(pk, PackFault.NO_PANGO)
    except (OSError, ValidationError) as error:
        full = error.code == "room" if isinstance(error, ValidationError) else error.errno in FULL
        if not full:
            raise
        logger.error("no room for evidence pack %s", pk, exc_info=error)
        _end(pk, PackFault.DISK)
    return False


@transaction.atomic
def _begin(pk: int) -> bool:
    """Count the try, so that what kills workers again and again is given up. Nothing of what another one has in hand."""
    row = _waiting(pk)
    if row is None:
        return False
    row.attempts += 1
    row.not_before = timezone.now() + _WAIT
    given_up = row.attempts > MOST_ATTEMPTS
    if given_up:
        row.state, row.fault = PackState.FAILED, PackFault.BROKEN
    row.save(update_fields=["attempts", "not_before", "state", "fault"])
    if given_up:
        _tell(row)
    return not given_up


def _waiting(pk: int) -> EvidencePack | None:
    rows = EvidencePack.objects.select_for_update(skip_locked=True)
    return rows.filter(pk=pk, state=PackState.WAITING).first()


@transaction.atomic
def _write(pk: int, build: Build) -> bool:
    """The archive and its row in one transaction, the row held meanwhile: a worker that dies leaves it waiting."""
    row = _waiting(pk)
    if row is None:
        return False
    actor, case = _whose(row)
    with TemporaryFile() as out:
        built = build(actor, case, row, out)
        stored = files.store(
            actor=SYSTEM,
            upload=File(out, name=f"{case.ref}-evidence-{row.pk}.zip"),
            allowed=None,
            max_bytes=2 * LARGEST_PACK,
            owner=(PACK_FILES, row.pk),
        )
    now = timezone.now()
    row.state, row.fault, row.cases = PackState.READY, "", built.cases
    row.file_id, row.size, row.sha256 = stored.pk, stored.size, stored.sha256
    row.manifest_sha256, row.made_at = built.manifest_sha256, now
    row.expires_at = now + timedelta(days=settings.EVIDENCE_PACK_DAYS)
    row.save()
    trail(SYSTEM, "case.evidence_made", case, {"pack": row.pk, "manifest": row.manifest_sha256})
    _tell(row)
    return True


def _tell(row: EvidencePack) -> None:
    """Whoever asked for it hears how it ended, in the transaction in which it did."""
    state = PackState(row.state).value
    tell("case.evidence", f"{row.pk}:{state}", {"case": row.case_id, "pack": row.pk, "state": state})


def _whose(row: EvidencePack) -> tuple[Actor, Case]:
    """Whoever asked, as what they are by now, and the case as they see it. Raises NotPackedError."""
    user = User.objects.filter(pk=row.asked_by_id, is_active=True).first()
    try:
        actor = actor_for(user) if user else None
        case = access.get_case(actor, row.case_id) if actor else None
    except Http404:
        case = None
    if actor is None or case is None or not rules.can_pack(actor, queries.facts_of(actor, case)).ok:
        raise NotPackedError(PackFault.NOT_ALLOWED)
    return actor, case


@transaction.atomic
def _end(pk: int, fault: PackFault) -> None:
    row = EvidencePack.objects.select_for_update().filter(pk=pk, state=PackState.WAITING).first()
    if row is not None:
        row.state, row.fault = PackState.FAILED, fault
        row.save(update_fields=["state", "fault"])
        _tell(row)


def open_pack(*, actor: Actor, case: Case, pack_id: int) -> tuple[StoredFile, IO[bytes]]:
    """The archive, and its bytes from the disk; that somebody had it is written down. Raises Http404."""
    pack = packing.packs_of(case).filter(pk=pack_id).first()
    if pack is None or not packing.may_have(actor, pack):
        raise Http404
    [row] = files_of(PACK_FILES, [pack.pk])[str(pack.pk)]
    try:
        stream = files.read(row)
    except FileNotFoundError as error:
        raise Http404 from error
    acting = required(actor, rules.can_pack(actor, queries.facts_of(actor, case)))
    trail(acting, "case.evidence_had", case, {"pack": pack.pk, "manifest": pack.manifest_sha256})
    return row, stream


def expire_packs() -> int:
    """Delete what has lain long enough; how many."""
    due = EvidencePack.objects.filter(state=PackState.READY, expires_at__lte=timezone.now()).order_by("pk")
    return _delete(due)


def forget_packs(case: Case) -> None:
    """Words of the case were removed: packs that hold them go, be it one of the case, of one that they came along to, or of
    what these were merged into. Waits for one that is being made."""
    shown = {case.pk, *CarriedEntry.objects.filter(entry__case=case).values_list("case", flat=True)}
    merged = Case.objects.filter(pk__in=shown, merged_into__isnull=False).values_list("merged_into", flat=True)
    concerned = Q(cases__contains=[case.pk]) | Q(case__in=shown.union(merged))
    _delete(EvidencePack.objects.filter(concerned, state__in=(PackState.WAITING, PackState.READY)).order_by("pk"))


@transaction.atomic
def _delete(rows: QuerySet[EvidencePack]) -> int:
    """Those of them that are ready; what waits has nothing to delete."""
    ready = [row for row in rows.select_for_update() if row.state == PackState.READY]
    for row in ready:
        if row.file_id is not None:
            files.move(file_ids=[row.file_id], from_owner=(PACK_FILES, row.pk), to_owner=None)
    EvidencePack.objects.filter(pk__in=[row.pk for row in ready]).update(state=PackState.EXPIRED, file_id=None)
    return len(ready)
