"""Bigrams for Chinese, words for the rest, and nothing of the query's syntax."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ui.textsearch import bigrams, index_text, query_text


def test_words_and_bigrams() -> None:
    assert index_text("林美 said: Hello-World ＦＵＬＬ 3rd") == "林 美 林美 said hello world full 3rd"
    assert bigrams("深夜被锁") == ["深夜", "夜被", "被锁"]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("锁门外", "锁门 & 门外"),
        ("锁", "锁"),
        ("Host unre", "host & unre:*"),
        ("退款 EC-20418", "退款 & ec & 20418:*"),
        ("' & | ! ( ) :* <-> \\", ""),
        ("a\x00b", "ab:*"),
        ("  ", ""),
    ],
)
def test_queries(text: str, query: str) -> None:
    assert query_text(text) == query


@given(st.text(max_size=300))
def test_only_letters_digits_and_our_own_operators_come_out(text: str) -> None:
    terms = query_text(text).removesuffix(":*").split(" & ")
    assert len(terms) <= 16
    assert all(
        term.isalnum() or not term or all(not c.isspace() and c not in "&|!():*<>'\\" for c in term) for term in terms
    )
    assert "\x00" not in index_text(text)


@given(st.text(alphabet="深夜被锁门外", min_size=1, max_size=8), st.text(alphabet="深夜被锁门外 a", max_size=8))
def test_what_contains_the_text_is_found_by_it(needle: str, around: str) -> None:
    indexed = set(index_text(around + needle + around).split())
    assert set(query_text(needle).split(" & ")) <= indexed


@pytest.mark.django_db
def test_postgresql_understands_every_query() -> None:
    from django.db import connection

    texts = ["锁门", "host's (late) & !now", "EC-20418", "ﬁ ½ ²", "x" * 5000, "😀 ok"]
    with connection.cursor() as cursor:
        for text in texts:
            cursor.execute(
                "SELECT to_tsvector('simple', %s) @@ to_tsquery('simple', %s)", [index_text(text), query_text(text)]
            )
            assert cursor.fetchone() == (bool(query_text(text)),), text
