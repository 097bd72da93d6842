"""What a pack is to be rendered as: asked for in the transaction that changes it, made by workers, one file each however often it is tried.

A worker holds a row by a lock of its session; when it dies the next one takes it up. The file and the row are written together.
"""

import logging
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime, timedelta
from functools import partial
from typing import IO, Final

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from portal.accounts.rules import SYSTEM
from portal.files import actions as storage
from portal.files.choices import PDF, PPTX, XLSX
from portal.files.disk import FULL
from portal.ui.pdf import NoPangoError

from ..choices import FileState, Format, PackState
from ..models import Pack, PackFile, Subscription
from ..queries.files import languages_of, standing
from .attempts import Attempt, causes
from .holding import held, snapshot

logger = logging.getLogger(__name__)
Render = Callable[[Pack, str, str], AbstractContextManager[IO[bytes]]]
OWNER: Final = "reviews.pack_file"
#: After so many failures somebody has to look; they may have it tried again. Until then it waits longer each time.
MOST_ATTEMPTS: Final = 6
WAIT: Final = timedelta(minutes=1)
BATCH: Final = 200
#: One comment is often followed by another, and files hold all of them.
SETTLING: Final = timedelta(seconds=20)
_TYPES: Final = {Format.PDF: PDF, Format.XLSX: XLSX, Format.PPTX: PPTX}


def ask(pack: Pack, languages: Iterable[str] = (), *, after: datetime | None = None) -> None:
    """Have a pack's formats made as it stands, in its language and others, at once or `after` an instant; what was asked for already is not
    made twice.

    What is final is made in the languages of its subscribers as well.
    """
    known = dict(settings.LANGUAGES)
    final, of_hash = standing(pack)
    read = (
        Subscription.objects.filter(job=pack.job_id).order_by("user__language")
        if final
        else Subscription.objects.none()
    )
    wanted = [
        PackFile(pack=pack, format=one, language=language, final=final, of_hash=of_hash, leased_until=after)
        for language in dict.fromkeys([pack.language, *languages, *read.values_list("user__language", flat=True)])
        for one in pack.formats
        if language in known
    ]
    PackFile.objects.bulk_create(wanted, ignore_conflicts=True)


def ask_anew(pack: Pack) -> None:
    """Have all files made as the pack stands now, in every language that there are files in: at once what is published, a draft shortly."""
    after = None if pack.state == PackState.PUBLISHED else timezone.now() + SETTLING
    ask(pack, languages_of(pack), after=after)


def ask_again(pack: Pack) -> None:
    """Let workers take up what failed, and make what the pack became since its files were asked for."""
    with transaction.atomic():
        pack.files.filter(state=FileState.FAILED).update(
            state=FileState.WAITING, attempts=0, error="", leased_until=None
        )
        ask(pack, languages_of(pack))


def render_files(render: Render) -> int:
    """Make what waits, oldest first; how many. What another worker has in hand is left to it."""
    now = timezone.now()
    due = PackFile.objects.filter(Q(state=FileState.WAITING) | Q(state=FileState.FAILED, attempts__lt=MOST_ATTEMPTS))
    due = due.filter(Q(leased_until=None) | Q(leased_until__lte=now)).order_by("created_at", "pk")
    return sum(make(pk, render) for pk in list(due.values_list("pk", flat=True)[:BATCH]))


def render_pack(pack: Pack, render: Render) -> None:
    """Make one pack's files now, those that failed too."""
    ask_again(pack)
    for pk in pack.files.filter(state=FileState.WAITING).order_by("pk").values_list("pk", flat=True):
        make(pk, render)


def make(file_id: int, render: Render) -> bool:
    """Make one file now; False when another worker has it in hand, when it is made already, or when it fails: the row says why."""
    with held(f"reviews:file:{file_id}") as mine:
        row = PackFile.objects.filter(pk=file_id).exclude(state=FileState.READY).first() if mine else None
        if row is None:
            return False
        if row.attempts >= MOST_ATTEMPTS:
            # Workers died of it again and again.
            _failed(row, "gave_up")
            return False
        PackFile.objects.filter(pk=file_id).update(attempts=F("attempts") + 1)
        row.attempts += 1
        with Attempt(partial(_gone_wrong, row)):
            return _make(row, render)
        return False


def _make(row: PackFile, render: Render) -> bool:
    with ExitStack() as open_files:
        with snapshot():
            pack = Pack.objects.select_related("kind", "site__partner", "partner").get(pk=row.pack_id)
            if not _still_wanted(row, pack):
                return False
            made = open_files.enter_context(render(pack, row.format, row.language))
        _keep(row, pack, made)
    return True


def _keep(row: PackFile, pack: Pack, made: IO[bytes]) -> None:
    with transaction.atomic():
        kept = storage.store(
            actor=SYSTEM, upload=File(made, name=name_of(row, pack)), allowed={_TYPES[Format(row.format)]}, owner=(OWNER, row.pk)
        )  # fmt: skip
        PackFile.objects.filter(pk=row.pk).update(
            state=FileState.READY, file=kept.pk, made_at=timezone.now(), error="", leased_until=None
        )


def _still_wanted(row: PackFile, pack: Pack) -> bool:
    """Whether the pack is what was asked for; a row of an older draft becomes one of the draft as it is, if there is none."""
    final, of_hash = standing(pack)
    if (row.final, row.of_hash) == (final, of_hash):
        return True
    same = PackFile.objects.filter(pack=pack, format=row.format, language=row.language, of_hash=of_hash, final=final)
    if same.exists():
        PackFile.objects.filter(pk=row.pk).delete()
        return False
    PackFile.objects.filter(pk=row.pk).update(final=final, of_hash=of_hash)
    return True


def _gone_wrong(row: PackFile, error: Exception) -> None:
    logger.error("file %s of a pack was not made", row.pk, exc_info=error)
    _failed(row, why(error))


def why(error: Exception) -> str:
    """What went wrong, as a code of `wording.files`."""
    chain = list(causes(error))
    if any(isinstance(one, NoPangoError) for one in chain):
        return "no_pango"
    refused = next((one for one in chain if isinstance(one, OSError)), None)
    if refused is None:
        return "broken"
    return "disk_full" if refused.errno in FULL else "disk"


def _failed(row: PackFile, why: str) -> None:
    """Say why, and when it is tried again."""
    again = timezone.now() + WAIT * 2 ** max(0, row.attempts - 1)
    PackFile.objects.filter(pk=row.pk).exclude(state=FileState.READY).update(
        state=FileState.FAILED, error=why, leased_until=again
    )


def name_of(row: PackFile, pack: Pack) -> str:
    """What the file is called: `weekly-CEB-2026-11-09-en-draft.pdf`."""
    place = pack.site or pack.partner
    parts = [pack.kind.code, place.code if place else "network", pack.first_day.isoformat(), row.language]
    if pack.revision > 1:
        parts.append(f"r{pack.revision}")
    if pack.state != PackState.PUBLISHED:
        parts.append("draft")
    return f"{'-'.join(parts)}.{row.format}"
