"""Cases that go on in another one: where, and what of them a reader may know there."""

from collections.abc import Iterable, Mapping

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from escalations import rules
from escalations.choices import Sensitivity, State
from escalations.models import CarriedEntry, Case, TimelineEntry
from portal.accounts.rules import Actor

from .facts import Cases, facts_of, plain_facts
from .linking import PAIRED, other_ends, with_marks
from .scope import granted_ids, visible_to

# An entry of the survivor about the case that was merged into it.
LINKED = "link.merged_from"
# The same, of the case that ended.
_GOES_ON = "link.merged_into"
_MARKED = "sensitivity.changed"


def survivor_of(actor: Actor, case: Case) -> Case | None:
    """The case that this one was merged into, if the actor may see that one. A query for a merged case only."""
    if case.merged_into_id is None:
        return None
    return visible_to(actor).filter(pk=case.merged_into_id).defer("search").first()


def visible_refs(actor: Actor, case_ids: Iterable[int]) -> dict[int, str]:
    """References of those of the cases that the actor may see; no query for none."""
    wanted = set(case_ids)
    if not wanted:
        return {}
    rows = Case.objects.filter(pk__in=wanted).select_related("site").defer("search")
    return {case.pk: case.ref for case, _facts in _rights(actor, rows)}


def with_taken_in(rows: Cases) -> Cases:
    """Cases that know whether others were merged into them, and what else they hang together with, so that nobody has to
    ask for each."""
    return with_marks(rows.annotate(took_in=Exists(Case.objects.filter(merged_into=OuterRef("pk")))))


def readable(actor: Actor, case: Case) -> Q:
    """The entries of a case's stream: its own, those of the cases merged into it that the actor may see, each as far
    as the actor may see them where they were written, and those that came along when it was split off. Of a case out of
    sight not even the word that it was merged, linked or split."""
    facts = facts_of(actor, case)
    took_in: bool = getattr(case, "took_in", True)
    merged = list(Case.objects.filter(merged_into=case).select_related("site").defer("search")) if took_in else []
    seen = [(case, facts), *_rights(actor, merged)]
    found = _of(actor, facts, case)
    for one, its in seen[1:]:
        found |= _of(actor, its, one)
    if getattr(case, "carries", True) or len(seen) > 1:
        found |= Q(pk__in=_carried(actor, seen))
    others = _others(case, merged)
    if not others:
        return found
    known = [one.pk for one, _facts in _rights(actor, others)]
    return found & (~Q(code__in=(LINKED, *PAIRED)) | Q(params__case__in=known))


def showing(entry: TimelineEntry) -> set[int]:
    """The cases in whose streams an entry stands or once stood: where it was written, those that it came along to, and
    whatever these were merged into, one after the other."""
    found = {entry.case_id, *CarriedEntry.objects.filter(entry=entry).values_list("case", flat=True)}
    more = found
    while more:
        into = Case.objects.filter(pk__in=more, merged_into__isnull=False).values_list("merged_into", flat=True)
        told = TimelineEntry.objects.filter(case__in=more, code=_GOES_ON).values_list("params__case", flat=True)
        more = {*into, *told} - found
        found |= more
    return found


def _others(case: Case, merged: list[Case]) -> list[Case]:
    """The cases that the stream speaks of."""
    ids = [case.pk, *(one.pk for one in merged)]
    found = other_ends(ids) if merged or getattr(case, "is_linked", True) else []
    if merged or case.state == State.MERGED:
        linked = TimelineEntry.objects.filter(case__in=ids, code=LINKED).values_list("params__case", flat=True)
        found += Case.objects.filter(pk__in=list(linked)).select_related("site").defer("search")
    return found


def _carried(actor: Actor, cases: list[tuple[Case, rules.Facts]]) -> list[int]:
    """Entries that came along from other cases, as far as the actor may read them here. Partner users read those of cases
    that they see, and so does everybody what was written in a case that is more sensitive than this one ever was since: what
    left this one then does not come back by marking it."""
    rows = CarriedEntry.objects.filter(case__in=[case for case, _facts in cases])
    inside = {case.pk: rules.can_see_internal(actor, facts).ok for case, facts in cases}
    origins = rows.select_related("entry__case__site").defer("entry__case__search")
    mine = [row for row in origins if inside[row.case_id] or not row.entry.is_internal]
    levels = {case.pk: str(case.sensitivity) for case, _facts in cases}
    levels |= _lowest({pk: levels[pk] for pk in {row.case_id for row in mine if _is_close(row, levels)}})
    here = {row.pk for row in mine if inside[row.case_id] and _is_as_strict(row, levels)}
    seen = {one.pk for one, _facts in _rights(actor, [row.entry.case for row in mine if row.pk not in here])}
    return [row.entry_id for row in mine if row.pk in here or row.entry.case_id in seen]


def _is_as_strict(row: CarriedEntry, levels: Mapping[int, str]) -> bool:
    return rules.protects_as(levels[row.case_id], row.entry.case.sensitivity)


def _is_close(row: CarriedEntry, levels: Mapping[int, str]) -> bool:
    """Whether what the case was before counts: it is as strict as a case that is not open to all."""
    return row.entry.case.sensitivity != Sensitivity.STANDARD and _is_as_strict(row, levels)


def _lowest(levels: Mapping[int, str]) -> dict[int, str]:
    """The least that these cases, of a level now, were ever protected. One query, none for none."""
    found = dict(levels)
    changes = TimelineEntry.objects.filter(case__in=found, code=_MARKED).values_list("case", "params")
    for pk, params in changes if found else ():
        found[pk] = rules.lowest_sensitivity([found[pk], params["from"], params["to"]])
    return found


def _of(actor: Actor, facts: rules.Facts, case: Case) -> Q:
    inside = rules.can_see_internal(actor, facts).ok
    return Q(case=case) if inside else Q(case=case, is_internal=False)


def _rights(actor: Actor, cases: Cases | list[Case]) -> list[tuple[Case, rules.Facts]]:
    """Those of the cases that the actor may see, as the rules see them. One query if one of them is restricted."""
    rows = list(cases)
    restricted = any(case.sensitivity == Sensitivity.RESTRICTED for case in rows)
    held = granted_ids(actor, timezone.now()) if restricted else frozenset()
    found = [(case, plain_facts(case, granted=case.pk in held)) for case in rows]
    return [(case, facts) for case, facts in found if rules.can_see(actor, facts).ok]
