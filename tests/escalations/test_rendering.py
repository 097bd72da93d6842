"""Texts with variables: whatever is written or filled in, nothing is asked for but what is known, and no gap is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escalations.rules.rendering import BadTemplateError, Part, Text, Variable, fill, gaps_in, names_in, parse

KNOWN = ("subject", "me", "booking")
LABELS = {"subject": "Subject", "me": "Your name", "booking": "Booking"}
# Words that come close to marks, and anything else.
NEAR = st.lists(
    st.sampled_from(
        ["{{", "}}", "{", "}", "{%", "%}", "{#", "#}", " ", "\n", "me", "subject", "x", "⟦", "⟧", "客人", "|", "."]
    ),
    max_size=12,
).map("".join)
ANY = st.one_of(NEAR, st.text(max_size=60))


def read(text: str) -> tuple[BadTemplateError | None, tuple[Part, ...]]:
    try:
        return None, parse(text, KNOWN)
    except BadTemplateError as bad:
        return bad, ()


def test_a_brace_after_a_variable_is_a_plain_one() -> None:
    assert fill(parse("{{ subject }}} {}", KNOWN), {"subject": "A"}, LABELS) == "A} {}"


def test_a_template_is_filled() -> None:
    parts = parse("Dear {{ subject }},\n{{me}} {not a variable} {{ booking}}", KNOWN)
    assert names_in(parts) == ("subject", "me", "booking")
    assert parts[0] == Text("Dear ")
    assert parts[1] == Variable("subject")
    filled = fill(parts, {"subject": "{{ me }}", "me": " Mei "}, LABELS)
    assert filled == "Dear {{ me }},\nMei {not a variable} ⟦Booking⟧"
    assert gaps_in(filled) == ("Booking",)


@pytest.mark.parametrize(
    ("text", "fault", "line", "column", "found"),
    [
        ("Hello {{ name }}", "unknown", 1, 7, "name"),
        ("One\nTwo {{ subject", "malformed", 2, 5, "{{ subject"),
        ("x }} y", "malformed", 1, 3, "}} y"),
        ("{{ subject.upper }}", "malformed", 1, 1, "{{ subject.upper }}"),
        ("{{ subject|safe }}", "malformed", 1, 1, "{{ subject|safe }}"),
        ("{{{ subject }}}", "malformed", 1, 1, "{{{ subject }}}"),
        ("{{}}", "malformed", 1, 1, "{{}}"),
        ("{{  subject }}", "malformed", 1, 1, "{{  subject }}"),
        ("{{ Subject }}", "malformed", 1, 1, "{{ Subject }}"),
        ("{{ ѕubject }}", "malformed", 1, 1, "{{ ѕubject }}"),
        ("{{ __class__ }}", "unknown", 1, 1, "__class__"),
        ("{% load x %}", "malformed", 1, 1, "{% load x %}"),
        ("客\n人 {# no #}", "malformed", 2, 3, "{# no #}"),
        ("⟦Booking⟧", "bracket", 1, 1, "⟦Booking⟧"),
    ],
)
def test_what_cannot_be_read_is_refused_where_it_stands(
    text: str, fault: str, line: int, column: int, found: str
) -> None:
    with pytest.raises(BadTemplateError) as bad:
        parse(text, KNOWN)
    assert (bad.value.fault, bad.value.line, bad.value.column, bad.value.found) == (fault, line, column, found)


@settings(max_examples=400)
@given(ANY)
def test_a_text_is_read_whole_or_refused(text: str) -> None:
    """Nothing is lost or added: with each variable put back as it was named, the text is the one that was written."""
    bad, parts = read(text)
    if bad is not None:
        lines = text.split("\n")
        assert lines[bad.line - 1][bad.column - 1 :].startswith("{{" if bad.fault == "unknown" else bad.found)
        return
    assert set(names_in(parts)) <= set(KNOWN)
    back = "".join(part.text if isinstance(part, Text) else "{{ " + part.name + " }}" for part in parts)
    assert back.replace("{{ ", "{{").replace(" }}", "}}") == text.replace("{{ ", "{{").replace(" }}", "}}")


@settings(max_examples=400)
@given(st.lists(st.sampled_from(KNOWN), max_size=5), st.dictionaries(st.sampled_from(KNOWN), ANY))
def test_values_stand_as_they_are_and_what_is_missing_is_a_gap(names: list[str], values: dict[str, str]) -> None:
    parts = tuple(Variable(name) for name in names)
    filled = fill(parts, values, LABELS)
    shown = [values.get(name, "").replace("⟦", "").replace("⟧", "").strip() for name in names]
    assert filled == "".join(value or f"⟦{LABELS[name]}⟧" for name, value in zip(names, shown, strict=True))
    assert gaps_in(filled) == tuple(LABELS[name] for name, value in zip(names, shown, strict=True) if not value)


@given(ANY)
def test_no_mark_of_a_gap_goes_unnoticed(text: str) -> None:
    assert bool(gaps_in(text)) == ("⟦" in text or "⟧" in text)


@settings(deadline=None)
@given(st.text(alphabet="{}%# ab", max_size=5_000))
def test_long_nonsense_takes_no_time(text: str) -> None:
    bad, parts = read(text)
    assert (bad is None) or parts == ()
