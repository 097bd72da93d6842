"""Which cases may be the same as another one, or as one that somebody is about to raise."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.contrib.postgres.search import SearchQuery, TrigramSimilarity
from django.db import OperationalError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from psycopg.errors import QueryCanceled

from escalations.choices import State
from escalations.choices.links import MOST_HINTS, RECENT_DAYS, Likeness
from escalations.models import OPEN, Case
from escalations.rules.likeness import ALIKE, likeness, numbers, pieces
from portal.accounts.rules import Actor
from portal.ui.textsearch import index_text

from .linking import other_ends, told_apart
from .scope import Scope, condition, insider, scope_of, visible_to

# Of each kind as many are looked at; the closest of them are shown.
_LOOKED_AT: Final = 20
_WORDS: Final = 4
# Words that more cases than this hold tell nothing apart, and would have to be read one by one.
_COMMON: Final = 1_000
_SHORTEST: Final = 3
# Of looking for mistyped words, in milliseconds.
_LONGEST: Final = "300"
_FREQUENCIES: Final = """
SELECT word, share * (SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = 'escalations_case'::regclass)
FROM pg_stats, unnest(most_common_elems::text::text[], most_common_elem_freqs) AS known(word, share)
WHERE schemaname = current_schema() AND tablename = 'escalations_case' AND attname = 'search' AND word = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Hint:
    """A case that may be the same, and why; the strongest reason first."""

    case: Case
    reasons: tuple[str, ...]


def possible_duplicates(
    actor: Actor,
    *,
    customer_ref: str = "",
    external_ref: str = "",
    subject: str = "",
    but: Collection[int] = (),
    scope: Scope | None = None,
) -> list[Hint]:
    """At most five cases that the actor may see, open or solved within 30 days, with the same customer, the same number of
    a booking (also one that stands in the subject; of cases that they see inside), or similar words; never those of `but`.
    Eleven statements at most, two more for who is inside of some cases only."""
    since = timezone.now() - timedelta(days=RECENT_DAYS)
    recent = OPEN | Q(state__in=(State.RESOLVED, State.CLOSED), resolved_at__gte=since)
    rows = visible_to(actor, scope=scope).filter(recent).exclude(pk__in=list(but)).select_related("service", "site")
    rows, found = rows.defer("search"), dict[int, tuple[Case, list[str]]]()
    _gather(found, Likeness.NUMBER, _by_number(actor, rows, [*_kept(external_ref), *numbers(subject)]))
    _gather(found, Likeness.CUSTOMER, _by_customer(rows, _kept(customer_ref)))
    _gather(found, Likeness.WORDS, _by_words(rows, subject))
    order = list(Likeness.values)
    ranked = sorted(found.values(), key=lambda one: (order.index(one[1][0]), -len(one[1])))
    return [Hint(case, tuple(why)) for case, why in ranked[:MOST_HINTS]]


def alike(actor: Actor, case: Case) -> list[Hint]:
    """The same for a case that is there: without those that it is linked to, was linked to, or was told apart from."""
    known = {case.pk, *(one.pk for one in other_ends([case.pk]))} | told_apart(case)
    origin = getattr(case, "origin", None)
    number = origin.external_ref if origin is not None else ""
    return possible_duplicates(
        actor, customer_ref=case.customer_ref, external_ref=number, subject=case.subject, but=known
    )


def _kept(text: str) -> list[str]:
    text = text.replace("\x00", "").strip()
    return [text] if text else []


def _gather(found: dict[int, tuple[Case, list[str]]], why: Likeness, cases: Sequence[Case]) -> None:
    for case in cases:
        found.setdefault(case.pk, (case, []))[1].append(why.value)


def _by_customer(rows: QuerySet[Case], asked: list[str]) -> list[Case]:
    if not asked:
        return []
    # The index is of those that have one, and the planner takes it only if that is said.
    found = rows.filter(~Q(customer_ref=""), customer_ref__iexact=asked[0])
    return list(found.order_by("-pk")[:_LOOKED_AT])


def _by_number(actor: Actor, rows: QuerySet[Case], asked: list[str]) -> list[Case]:
    """By the number that a case had elsewhere, which is told, also by a hint, only to those who see it inside."""
    inside = insider(actor)
    if not asked or not (inside.standings or inside.is_system):
        return []
    if inside is not actor:
        rows = rows.filter(condition(scope_of(inside)))
    said = Q()
    for number in asked:
        said |= Q(origin__external_ref__iexact=number)
    return list(rows.filter(said).order_by("-pk")[:_LOOKED_AT])


def _by_words(rows: QuerySet[Case], subject: str) -> list[Case]:
    """Those that have a rare word of the subject and much else in common with it; where none has, those with a word like it."""
    told = _telling(subject)
    if not told:
        return []
    either = SearchQuery(" | ".join(told), config="simple", search_type="raw")
    # Open and ended cases have an index of their own, which the planner takes only if the condition names them.
    found = _nearest(rows.filter(OPEN | ~OPEN, search=either), subject)
    return found or _mistyped(rows, [word for word in told if word.isascii()], subject)


def _nearest(rows: QuerySet[Case], subject: str) -> list[Case]:
    # The index finds them; what is nearest is asked for in an order that no index has, so that the planner does not walk
    # through all cases for it.
    near = rows.annotate(near=TrigramSimilarity("subject", subject)).order_by("-near", "-pk")[:_LOOKED_AT]
    own = pieces(subject)
    ranked = sorted(((likeness(own, pieces(one.subject)), one) for one in near), key=lambda x: -x[0])
    return [one for share, one in ranked if share >= ALIKE]


def _mistyped(rows: QuerySet[Case], words: list[str], subject: str) -> list[Case]:
    """Those with a word that is like one of these. Half a word may be like a hundred thousand others: then there is no hint."""
    said = Q()
    for word in words:
        said |= Q(subject__trigram_word_similar=word)
    if not said:
        return []
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [_LONGEST])
            found = _nearest(rows.filter(said), subject)
            cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        return []
    return found


def _telling(subject: str) -> list[str]:
    """The subject's words that few cases hold, the rarest first. One query."""
    asked = [word for word in dict.fromkeys(index_text(subject).split()) if _tells(word)]
    if not asked:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_FREQUENCIES, [asked])
        often: dict[str, float] = dict(cursor.fetchall())
    rare = [word for word in asked if often.get(word, 0) <= _COMMON]
    return sorted(rare, key=lambda word: (often.get(word, 0), -len(word)))[:_WORDS]


def _tells(word: str) -> bool:
    return len(word) >= (_SHORTEST if word.isascii() else 2)
