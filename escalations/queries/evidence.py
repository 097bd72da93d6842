"""What an evidence pack holds, who may have it, and how large it becomes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Case as Cases
from django.db.models import QuerySet, When

from escalations import rules
from escalations.choices.evidence import PackState
from escalations.choices.mail import FILE_OWNER
from escalations.choices.statutory import RESPONSE_FILES
from escalations.models import CarriedEntry, Case, EvidencePack, InboundMail, StepEvent, TimelineEntry
from portal.accounts.rules import Actor
from portal.files.queries import NamedFile, files_beside, files_of, named_files

from .facts import facts_of
from .linking import PAIRED
from .playbooks import STEP_FILES
from .scope import visible_to
from .timeline import entries_visible_to

if TYPE_CHECKING:
    from portal.files.models import StoredFile

#: What is written about packs is no part of them, so that the same case gives the same pack.
ABOUT_PACKS = "evidence."


@dataclass(frozen=True, slots=True)
class Extent:
    """How much a pack would hold: entries, files, and their bytes."""

    entries: int
    files: int
    size: int


def packed_entries(actor: Actor, case: Case, until: datetime) -> QuerySet[TimelineEntry]:
    """The case's stream as the actor sees it, as far as it was written by an instant, oldest first. Without what it says
    of cases beside it: whoever has the pack later need not see those."""
    rows = entries_visible_to(actor, case).filter(recorded_at__lte=until)
    return rows.exclude(code__startswith=ABOUT_PACKS).exclude(code__in=PAIRED)


def attached(entries: Iterable[TimelineEntry]) -> list[tuple[TimelineEntry, StoredFile]]:
    """The files that hang on these entries, in their order; those kept apart and those that were removed left out. Four queries."""
    rows = {row.pk: row for row in entries}
    steps = dict(StepEvent.objects.filter(entry__in=rows).values_list("entry_id", "pk"))
    found: dict[int, list[StoredFile]] = {}
    for kind, owners in _owners(list(rows), steps):
        for owner, files in files_of(kind, owners).items():
            found.setdefault(owners[owner], []).extend(files)
    ordered = [(row, file) for pk, row in rows.items() for file in found.get(pk, ())]
    return [(row, file) for row, file in ordered if not _removed(row)]


def with_answer_files(entries: QuerySet[TimelineEntry]) -> QuerySet[TimelineEntry]:
    """Entries that know the files which show that an answer by law was sent, within their own query: `answer_files`."""
    return entries.annotate(answer_files=Cases(When(code="statutory.answered", then=files_beside(RESPONSE_FILES))))


def whole_words(mail: InboundMail) -> tuple[str, str]:
    """What a mail says and what it answers, all of it: the stream keeps the beginning of both. Empty where the words were removed."""
    rows = InboundMail.objects.filter(pk=mail.pk).values_list("message__text", "message__quoted")
    text, quoted = rows.get()
    return text.strip(), quoted


def answer_files(entries: Iterable[TimelineEntry]) -> dict[int, Sequence[NamedFile]]:
    """These files, by the entry that says that the answer was sent."""
    found = ((one.pk, named_files(getattr(one, "answer_files", None))) for one in entries)
    return {pk: files for pk, files in found if files}


def _owners(ids: Sequence[int], steps: Mapping[int, int]) -> list[tuple[str, dict[str, int]]]:
    """By kind of owner: the owner's id, and the entry that its files belong to."""
    by_entry = {str(pk): pk for pk in ids}
    by_step = {str(step): entry for entry, step in steps.items()}
    return [(FILE_OWNER, by_entry), (RESPONSE_FILES, by_entry), (STEP_FILES, by_step)]


def _removed(row: TimelineEntry) -> bool:
    body = getattr(row, "body", None)
    return body is not None and body.redacted_at is not None


def extent_of(actor: Actor, case: Case, until: datetime) -> Extent:
    """How much a pack of the case would hold now."""
    rows = list(packed_entries(actor, case, until))
    files = [file for _row, file in attached(rows)]
    return Extent(len(rows), len(files), sum(file.size for file in files))


def cases_in(case: Case, entries: Iterable[TimelineEntry]) -> list[int]:
    """The case and those where the entries of its pack were written: merged into it, or it was split from them."""
    return [case.pk, *sorted({row.case_id for row in entries} - {case.pk})]


def packs_of(case: Case) -> QuerySet[EvidencePack]:
    """Everything that was asked for of a case, the newest first."""
    return EvidencePack.objects.filter(case=case).select_related("asked_by").order_by("-pk")


def may_have(actor: Actor, pack: EvidencePack) -> bool:
    """Whether the actor may have a pack that is ready: who could ask for it now, and sees every case in it. Whoever asked
    for it need not see where its entries came along from, as long as they go on reading these."""
    if pack.state != PackState.READY:
        return False
    rows = visible_to(actor).filter(pk__in=pack.cases).select_related("site").defer("search")
    inside = {row.pk: row for row in rows if _is_inside(actor, row)}
    case = inside.get(pack.case_id)
    if case is None or not rules.can_pack(actor, facts_of(actor, case)).ok:
        return False
    unseen = set(pack.cases) - set(inside)
    return not unseen or (pack.asked_by_id == actor.user_id and _came_along(actor, case, unseen))


def _is_inside(actor: Actor, case: Case) -> bool:
    facts = facts_of(actor, case)
    return rules.can_see_internal(actor, facts).ok and not facts.let_in


def _came_along(actor: Actor, case: Case, origins: set[int]) -> bool:
    """Whether of these cases the stream of one holds nothing but what came along, and the actor reads all of that there."""
    held = {case.pk, *Case.objects.filter(merged_into=case).values_list("pk", flat=True)}
    rows = CarriedEntry.objects.filter(case__in=held, entry__case__in=origins)
    carried = dict(rows.values_list("entry", "entry__case"))
    if origins & held or origins != set(carried.values()):
        return False
    return entries_visible_to(actor, case).filter(pk__in=carried).count() == len(carried)
