"""HTML of mail brought into order in one pass, before a real parser sees it.

A parser that repairs like browsers do takes quadratic time and memory for open tags and attributes. What comes out here
nests no deeper than `MAX_DEPTH`, closes what it opens, and has of all attributes the addresses of links. It is no guard:
what is harmless is decided by the parser behind it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

MAX_DEPTH: Final = 100
_MAX_ADDRESS: Final = 2_000
_NAME: Final = re.compile(r"</?([a-zA-Z][^\s/>]*)")
_ATTRIBUTE: Final = re.compile(r"[\s/]*([^\s/>][^\s/>=]*)(?:\s*=\s*(\"[^\"]*\"?|'[^']*'?|[^\s>]*))?")
# "<!-->" and "<!--->" are whole comments, and "--!>" ends one: as browsers read it.
_COMMENT_ENDS: Final = re.compile(r"--!?>")
_GAP: Final = re.compile(r"[\s/]+")
_UNREAD: Final = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE | re.ASCII)
    for name in ("script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes")
}
_INLINE: Final = frozenset({"a", "b", "code", "del", "em", "i", "s", "strong", "sub", "sup", "u"})
_CELLS: Final = frozenset({"td", "th"})
_ROWS: Final = frozenset({"tr"})
_GROUPS: Final = frozenset({"tbody", "thead", "tfoot"})
_INSIDE_TABLE: Final = _CELLS | _ROWS | _GROUPS
#: What a tag ends when it opens, and beyond what it does not reach.
_ENDS: Final = {
    "li": (frozenset({"li"}), frozenset({"ul", "ol", "table"})),
    "a": (frozenset({"a"}), frozenset({"table"})),
    **dict.fromkeys(_CELLS, (_CELLS, frozenset({"table"}) | _ROWS)),
    **dict.fromkeys(_ROWS, (_ROWS, frozenset({"table"}))),
    **dict.fromkeys(_GROUPS, (_GROUPS, frozenset({"table"}))),
}


def in_order(html: str, tags: Collection[str]) -> str:
    """The same text with these tags only. Linear, whatever a sender writes."""
    out, at = _Out(tags), 0
    while True:
        found = html.find("<", at)
        out.parts.append(html[at:found] if found >= 0 else html[at:])
        at = _after(html, found, out) if found >= 0 else -1
        if at < 0:
            return out.closed()


def _after(html: str, at: int, out: _Out) -> int:
    """Take what begins with this "<"; returns where it ends, -1 for what never does: browsers show nothing of that."""
    named = _NAME.match(html, at)
    if named is None:
        return _no_tag(html, at, out)
    address, end = _attributes(html, named.end())
    if end < 0:
        return -1
    name = named[1].lower()
    if html.startswith("</", at):
        # Browsers take this one for a line break.
        out.open(name, "") if name == "br" else out.close(name)
        return end
    if name in _UNREAD:
        closing = _UNREAD[name].search(html, end)
        return closing.start() if closing else -1
    out.open(name, address)
    return end


def _no_tag(html: str, at: int, out: _Out) -> int:
    """A comment, what browsers take for one, or a mere character."""
    if html.startswith("<!--", at):
        found = _COMMENT_ENDS.search(html, at + 2)
        return found.end() if found else -1
    if html.startswith(("<!", "<?", "</"), at):
        return html.find(">", at) + 1 or -1
    out.parts.append("&lt;")
    return at + 1


def _attributes(html: str, at: int) -> tuple[str, int]:
    """The address among a tag's attributes, and where the tag ends (-1: nowhere)."""
    address = ""
    while True:
        gap = _GAP.match(html, at)
        at = gap.end() if gap else at
        if html.startswith(">", at):
            return address, at + 1
        found = _ATTRIBUTE.match(html, at)
        if found is None:
            return "", -1
        value, at = found[2] or "", found.end()
        if value[:1] in ("'", '"') and (len(value) < 2 or value[-1] != value[0]):
            return "", -1
        if found[1].lower() == "href" and not address:
            address = value[1:-1] if value[:1] in ("'", '"') else value


class _Out:
    """Writes tags in order: what is opened is closed."""

    def __init__(self, tags: Collection[str]) -> None:
        self.parts: list[str] = []
        self._tags, self._open = tags, list[str]()

    def open(self, name: str, address: str) -> None:
        """A tag begins."""
        if name == "br" and name in self._tags:
            self.parts.append("<br>")
        if name == "br" or name not in self._tags or (name in _INSIDE_TABLE and "table" not in self._open):
            return
        if name not in _INLINE:
            self._end_paragraph()
        if name in _ENDS:
            wanted, beyond = _ENDS[name]
            self._end(wanted, beyond=beyond)
        if len(self._open) < MAX_DEPTH:
            self._open.append(name)
            shown = f' href="{address.replace('"', "&quot;")}"' if 0 < len(address) <= _MAX_ADDRESS else ""
            self.parts.append(f"<{name}{shown if name == 'a' else ''}>")

    def _end_paragraph(self) -> None:
        number = len(self._open) - 1
        while number >= 0 and self._open[number] in _INLINE:
            number -= 1
        if number >= 0 and self._open[number] == "p":
            self._cut(number)

    def close(self, name: str) -> None:
        """A tag ends; what was opened in it ends before."""
        self._end({name}, beyond=set() if name == "table" else {"table"})

    def _end(self, wanted: Collection[str], *, beyond: Collection[str]) -> None:
        """Close down to the nearest of these, unless one of those stands before it."""
        for number in range(len(self._open) - 1, -1, -1):
            if self._open[number] in wanted:
                return self._cut(number)
            if self._open[number] in beyond:
                return None
        return None

    def _cut(self, number: int) -> None:
        self.parts += [f"</{name}>" for name in reversed(self._open[number:])]
        del self._open[number:]

    def closed(self) -> str:
        """All of it."""
        self._cut(0)
        return "".join(self.parts)
