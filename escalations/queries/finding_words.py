"""The words behind a search: those of the entries that were found, and those that were meant where none was found."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Final

from django.db import connection

from escalations.models import EntryBody
from portal.ui.textsearch import clean, split

from .finding_rows import words_in_sight
from .finding_sight import Sight

# So many rows in sight, of the newest cases, lend their words to guess what was meant.
_SAMPLE: Final = 1_000
# A shorter word is like too many others.
_SHORTEST: Final = 4
_ALIKE: Final = 0.72
# Of the sampled words, those that a typing error could make of what was typed.
_LIKE: Final = """
SELECT DISTINCT word FROM (SELECT unnest(tsvector_to_array(words)) AS word FROM ({rows}) AS sampled) AS spoken
WHERE word NOT LIKE '@%%' AND length(word) BETWEEN %s AND %s AND similarity(word, %s) > 0.1
"""


def words_of_entries(entry_ids: Iterable[int]) -> Mapping[int, str]:
    """The words of these entries, which the reader must be known to see; no query for none."""
    wanted = list(entry_ids)
    rows = EntryBody.objects.filter(entry__in=wanted, redacted_at=None) if wanted else EntryBody.objects.none()
    return dict(rows.values_list("entry_id", "text"))


def words_meant(sight: Sight, text: str) -> str:
    """The text with each mistyped word as it stands in what the reader sees; "" if nothing of it is like anything there.

    It is guessed from the newest rows that the reader may read, and from nothing else.
    """
    typed = [run or word for run, word in split(clean(text))]
    meant = [_meant(sight, word) for word in typed]
    return " ".join(meant) if meant != typed else ""


def _meant(sight: Sight, word: str) -> str:
    if len(word) < _SHORTEST or not word.isascii() or not word.isalpha():
        return word
    rows = words_in_sight(sight).values("words")[:_SAMPLE]
    sql, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_LIKE.format(rows=sql), [*params, len(word) - 2, len(word) + 2, word])
        spoken = sorted(one for (one,) in cursor.fetchall())
    return next(iter(get_close_matches(word, spoken, n=1, cutoff=_ALIKE)), word)
