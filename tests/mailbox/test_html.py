"""HTML of mail: brought into order, read as text, made harmless."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.mailbox.markup import MAX_DEPTH, in_order
from portal.mailbox.parsing import parse
from portal.mailbox.text import harmless, html_to_text
from tests.factories.mailbox import message


def test_html_becomes_text_and_nothing_else() -> None:
    html = (
        "<style>p{}</style><script>alert(1)</script><p onclick=x>Dear&nbsp;team,<br>it &lt;fails&gt;</p>"
        "<img src=x onerror=alert(1)><blockquote>old</blockquote>"
    )
    assert html_to_text(html) == "Dear team,\nit <fails>\n\n> old"


_TAGS = ("p", "b", "br", "a", "div", "table", "tr", "td", "ul", "li", "blockquote")


class Depth(HTMLParser):
    """How deep HTML nests, and whether everything is closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.deepest = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open += [tag] if tag != "br" else []
        self.deepest = max(self.deepest, len(self.open))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    "hostile",
    [
        "<div>" * 200_000,
        "<blockquote><table><tr><td>" * 30_000,
        "<div><table><tr><td></div></td></tr></table>" * 20_000,
        "<div><textarea></div></textarea>" * 30_000,
        "<div><!-- </div> -->" * 30_000,
        "<a '><div><a '>" * 50_000,
        "<p>" + "".join(f"<b a{n}=1>" for n in range(20_000)) + "</p><p>x" * 20_000,
        "<p " + "".join(f"a{n} " for n in range(120_000)) + ">x",
        '<a b="' * 100_000,
        "<" + "a" * 900_000,
        "<!--" * 200_000,
        "<script>" * 100_000,
    ],
)
def test_html_that_nests_without_end_comes_in_order_to_the_parser(hostile: str) -> None:
    """What the parser gets is of bounded depth, without attributes, and closed: that is what its time and memory grow by."""
    found, deep = in_order(hostile, _TAGS), Depth()
    deep.feed(found)
    assert (deep.open, deep.deepest <= MAX_DEPTH) == ([], True)
    assert not re.search(r"<[a-z]+ (?!href=)", found)
    assert (len(harmless(hostile)) < 3_000_000, len(html_to_text(hostile)) < 3_000_000) == (True, True)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from([f"<{one}>" for one in _TAGS] + [f"</{one}>" for one in _TAGS] + ["x", "<", "<!--", "-->"])
    )
)
def test_any_tags_come_in_order(pieces: list[str]) -> None:
    deep = Depth()
    deep.feed(in_order("".join(pieces), _TAGS))
    assert deep.open == []


def test_html_as_programs_write_it_stays_as_it_was() -> None:
    html = (
        "<head><title>No</title></head><p>One<p>Two <B>bold</b> &amp; 1 < 2<ul><li>a<li>b</ul>"
        "<table><tr><td>1<td>2<tr><td><p>3</table><a href='https://x.example/?a=\"'>link</a><div>End"
    )
    shown = harmless(html)
    for piece in (
        "<p>One</p><p>Two <b>bold</b> &amp; 1 &lt; 2</p><ul><li>a</li><li>b</li></ul>",
        "<tr><td>1</td><td>2</td></tr><tr><td><p>3</p></td></tr>",
        "link</a><div>End</div>",
    ):
        assert piece in shown
    assert html_to_text(html).startswith("One\n\nTwo bold & 1 < 2")


def test_rows_of_a_table_are_lines_in_their_order() -> None:
    rows = "<tr><td>Name</td><td>Bob</td></tr><tr><th>Booking<td>X9"
    for table in (f"<table>{rows}</table>", f"<TABLE><TBODY>{rows}</TBODY></TABLE>"):
        text = html_to_text(f"<p>Hello</p>{table}<p>Bye</p>")
        assert [line for line in text.split("\n") if line] == ["Hello", "Name Bob", "Booking X9", "Bye"]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<!--><p>one</p>", "one"),
        ("<!---><p>one</p>", "one"),
        ("<p>one</p><!-- x --!><p>two</p>", "one\n\ntwo"),
        ("<p>one</p><!-- x > y -- z --><p>two</p>", "one\n\ntwo"),
        ("<p>one</p><!--x--><p>two</p>", "one\n\ntwo"),
        ("one</br>two", "one\ntwo"),
        ("one<!-- never ends", "one"),
    ],
)
def test_comments_and_breaks_are_read_as_browsers_read_them(html: str, text: str) -> None:
    assert html_to_text(html) == text


def test_html_that_may_stand_in_a_page_is_without_anything_that_acts() -> None:
    html = (
        '<h1 style="color:red" id="act">Hi</h1><p onclick="x()">See <a href="https://a.example/?q=1" class="btn">this</a> '
        '<a href="javascript:alert(1)">that</a></p><img src="https://track.example/1.gif"><script>bad()</script>'
        '<form action="/x"><input name=a></form><iframe src=//b></iframe><table><tr><td>1</td></tr></table>'
    )
    found = parse(message("plain", html=html)).html
    assert '<a href="https://a.example/?q=1" rel="noopener noreferrer nofollow">this</a>' in found
    assert "<table><tbody><tr><td>1</td></tr></tbody></table>" in found
    for word in (
        "<h1",
        "style",
        "onclick",
        "javascript",
        "<img",
        "track",
        "bad()",
        "<form",
        "<input",
        "iframe",
        "class",
        "id=",
    ):
        assert word not in found, word
    assert parse(message("plain")).html == ""
    assert parse(message("plain", html="<b>" + "x" * 500_000)).html == ""
