"""What is known of a case: recorded, corrected, no longer true. Rows are added, never changed; the newest wins."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from escalations import access, queries, rules
from escalations.choices import Entry, Reason
from escalations.choices.facts import FREE, MAX_CARD, MAX_FACT, CardKey, FactKey, FactSource
from escalations.models import Case, CaseFact
from portal.accounts.rules import Actor

from ._base import Refused, add_entry, known, locked, moment, required, stale, touch, trail, words

_KEYS = (FREE, *FactKey.values, *CardKey.values)


def record_fact(
    *, actor: Actor, ref: str | int, text: str, source: str, key: str = FREE, at: datetime | None = None
) -> CaseFact:
    """Something is known. Under a key it replaces what was known of it; without one it stands by itself. Raises Refused,
    Http404."""
    when, topic = moment(at), known(key, _KEYS)
    kept = words(text, needed=Reason.TEXT_NEEDED, limit=_limit(topic))
    with locked(actor, ref) as case:
        acting = _permitted(actor, case)
        before = _newest(case, topic)
        if before is not None and queries.says_the_same(before, kept, source):
            raise Refused(Reason.NOTHING_CHANGED)
        return _write(acting, case, topic, source, when, text=kept, replaces=before)


def correct_fact(
    *, actor: Actor, ref: str | int, fact_id: int, text: str, source: str, at: datetime | None = None
) -> CaseFact:
    """Other words for what was recorded; the earlier ones stay to be read. Raises Refused, Http404."""
    when = moment(at)
    with _locked_with_home(actor, ref, fact_id) as case:
        acting = _permitted(actor, case)
        before = _unreplaced(actor, case, fact_id)
        kept = words(text, needed=Reason.TEXT_NEEDED, limit=_limit(before.key))
        if queries.says_the_same(before, kept, source):
            raise Refused(Reason.NOTHING_CHANGED)
        return _write(acting, _home(case, before), before.key, source, when, text=kept, replaces=before)


def withdraw_fact(
    *, actor: Actor, ref: str | int, fact_id: int, reason: str = "", at: datetime | None = None
) -> CaseFact:
    """What was recorded is no longer true. Raises Refused, Http404."""
    when, kept = moment(at), words(reason, limit=MAX_FACT)
    with _locked_with_home(actor, ref, fact_id) as case:
        acting = _permitted(actor, case)
        before = _unreplaced(actor, case, fact_id)
        if before.withdrawn:
            raise Refused(Reason.FACT_REPLACED)
        home = _home(case, before)
        return _write(acting, home, before.key, before.source, when, text=kept, replaces=before, withdrawn=True)


def keep_card(
    *, actor: Actor, ref: str | int, values: Mapping[str, str], source: str, at: datetime | None = None
) -> list[CaseFact]:
    """How the customer wants to be met. Only the keys given are looked at; an empty value takes back what the actor sees
    there, also from a case merged into this one. Raises Refused, also if nothing changes, Stale, and Http404."""
    when = moment(at)
    said = {known(key, CardKey.values): words(text, limit=MAX_CARD) for key, text in values.items()}
    with _locked_with_merged(actor, ref) if "" in said.values() else locked(actor, ref) as case:
        acting = _permitted(actor, case)
        shown = _card(actor, case) if "" in said.values() else {}
        rows = [
            row for key, text in said.items()
            if (row := _keep(acting, case, key, text, source, when) if text else _take_back(acting, case, shown.get(key), when))
        ]  # fmt: skip
        if not rows:
            raise Refused(Reason.NOTHING_CHANGED)
        return rows


def _keep(acting: Actor, case: Case, key: str, text: str, source: str, at: datetime) -> CaseFact | None:
    before = _newest(case, key)
    if queries.words_of(before) == text:
        return None
    return _write(acting, case, key, source, at, text=text, replaces=before)


def _card(actor: Actor, case: Case) -> Mapping[str, queries.Known]:
    return queries.card_of(queries.known_facts(queries.entries_visible_to(actor, case)), case)


def _take_back(acting: Actor, case: Case, shown: queries.Known | None, at: datetime) -> CaseFact | None:
    if shown is None:
        return None
    before = CaseFact.objects.get(pk=shown.pk)
    return _write(acting, _home(case, before), before.key, before.source, at, replaces=before, withdrawn=True)


def _permitted(actor: Actor, case: Case) -> Actor:
    return required(actor, rules.can_record_fact(actor, queries.facts_of(actor, case)))


def _limit(key: str) -> int:
    return MAX_CARD if key in CardKey.values else MAX_FACT


def _newest(case: Case, key: str) -> CaseFact | None:
    """The end of a key's thread; a fact of its own has none before it."""
    if key == FREE:
        return None
    rows = CaseFact.objects.filter(case=case, key=key, replaced_by=None)
    return rows.select_related("entry__body").first()


def _unreplaced(actor: Actor, case: Case, fact_id: int) -> CaseFact:
    """A fact of the case, or of one merged into it as far as the actor sees it, that nothing has replaced yet. Raises
    Refused for one that was, or is not there."""
    rows = CaseFact.objects.filter(pk=fact_id, replaced_by=None)
    found = rows.select_related("entry__body").first()
    if found is None or (found.case_id != case.pk and queries.fact_seen(actor, case, fact_id) is None):
        raise Refused(Reason.FACT_REPLACED)
    return found


@contextmanager
def _locked_with_home(actor: Actor, ref: str | int, fact_id: int) -> Iterator[Case]:
    """The case, locked and read again, and the one that the fact was recorded on: both in order of their numbers, as merging
    locks them. A fact never leaves its case, so that this one is known before. Raises Http404."""
    with transaction.atomic():
        home = CaseFact.objects.filter(pk=fact_id).values_list("case", flat=True).first()
        if home is not None and home != access.case_id(ref):
            rows = Case.objects.filter(pk__in=[home, access.case_id(ref) or 0]).order_by("pk")
            list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
        with locked(actor, ref) as case:
            yield case


@contextmanager
def _locked_with_merged(actor: Actor, ref: str | int) -> Iterator[Case]:
    """The case, locked and read again, and all that were merged into it, in order of their numbers, as merging locks them.
    Raises Stale if another one was merged into it meanwhile, and Http404."""
    pk = access.case_id(ref) or 0
    with transaction.atomic():
        rows = Case.objects.filter(Q(pk=pk) | Q(merged_into=pk)).order_by("pk")
        held = set(rows.select_for_update(no_key=True).values_list("pk", flat=True))
        with locked(actor, ref) as case:
            if not held.issuperset(Case.objects.filter(merged_into=case).values_list("pk", flat=True)):
                raise stale(case)
            yield case


def _home(case: Case, fact: CaseFact) -> Case:
    """Where a fact goes on: on the case that it was recorded on, so that it is seen by nobody who did not see it there."""
    return case if fact.case_id == case.pk else Case.objects.defer("search").get(pk=fact.case_id)


def _write(
    acting: Actor,
    case: Case,
    key: str,
    source: str,
    at: datetime,
    *,
    text: str = "",
    replaces: CaseFact | None = None,
    withdrawn: bool = False,
) -> CaseFact:
    said = known(source, FactSource.values)
    code = _code(replaces, withdrawn=withdrawn)
    entry = add_entry(case, acting, Entry.FACT, code, at, params={"key": key, "source": said}, text=text)
    row = CaseFact.objects.create(entry=entry, case=case, key=key, source=said, withdrawn=withdrawn, replaces=replaces)
    touch(case, at)
    trail(acting, f"case.{code.replace('.', '_')}", case, {"entry": entry.pk, "key": key, "source": said})
    return row


def _code(replaces: CaseFact | None, *, withdrawn: bool) -> str:
    if withdrawn:
        return "fact.withdrawn"
    return "fact.recorded" if replaces is None or replaces.withdrawn else "fact.corrected"
