"""Plain text out of mail: HTML made harmless, what was written now told apart from what it answers.

Every expression looks at one line and takes linear time, whatever a sender writes.
"""

import codecs
import re
from encodings import normalize_encoding
from encodings.aliases import aliases
from html.parser import HTMLParser
from typing import Final

import nh3

from portal.mailbox.markup import in_order

MAX_TEXT: Final = 200_000  # characters
_MAX_HTML: Final = MAX_TEXT * 5
_MAX_BYTES: Final = _MAX_HTML * 4
#: What a mail's text may be encoded in, as Python's modules are called. These take linear time, others do not (punycode).
_CHARSETS: Final = re.compile(
    r"ascii|latin_1|utf_8(_sig)?|utf_(16|32)(_[bl]e)?|utf_7|iso8859_\d+|iso2022_\w+|cp\d+|koi8_[rtu]|kz1048|ptcp154|tis_620|hp_roman8"
    r"|mac_\w+|gb2312|gbk|gb18030|hz|big5(hkscs)?|euc_\w+|shift_jis\w*|johab"
)
#: The parser takes quadratic time for these; fifty pages of nothing but Chinese written as numbers have fewer.
_MAX_AMPERSANDS: Final = 50_000
_BREAKS: Final = {"p", "div", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "blockquote"}
_CELLS: Final = {"td", "th"}
_GROUPS: Final = {"tbody", "thead", "tfoot"}
_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_SHOWN: Final = {
    "a", "b", "blockquote", "br", "code", "del", "div", "em", "i", "li", "ol", "p", "pre", "s", "strong", "sub", "sup",
    "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
_SEPARATOR: Final = re.compile(
    r"^[-_*\s]{2,20}(?:original message|forwarded message|original appointment|原始邮件|原邮件|转发的邮件|邮件原件)[-_*\s]{2,20}$",
    re.IGNORECASE,
)
_RULE: Final = re.compile(r"^_{10,}$")
_WROTE: Final = re.compile(r"^(?:On\b.{5,300}\bwrote|.{2,300}写道|.{2,300}寫道)\s?[:：]$", re.IGNORECASE)
_FROM: Final = re.compile(r"^\*?(?:From|发件人|寄件者|寄件人)\*?\s?[:：]", re.IGNORECASE)
_OTHER_HEADER: Final = re.compile(
    r"^\*?(?:Sent|Date|To|Subject|发送时间|日期|收件人|主题|寄件日期|收件者)\*?\s?[:：]", re.IGNORECASE
)


def decoded(content: bytes, charset: str) -> str:
    """Text in the encoding that it names, else in one in which it makes sense; no more of it than anybody reads."""
    cut = content[:_MAX_BYTES]
    whole = len(cut) == len(content)
    for name in (charset, "utf-8", "gb18030"):
        try:
            return codecs.getincrementaldecoder(_charset_of(cut, name))().decode(cut, whole)
        except (LookupError, ValueError):
            continue
    return cut.decode("utf-8", "replace")


def _charset_of(content: bytes, name: str) -> str:
    """What Python calls it; where it leaves the order of bytes to a mark and there is none, that of most machines."""
    known = _known_charset(name)
    return f"{known}_le" if known in ("utf_16", "utf_32") and not content.startswith(_MARKS) else known


def _known_charset(name: str) -> str:
    """What Python calls it. Raises LookupError for what no mail is written in."""
    plain = normalize_encoding(name.lower())
    found = aliases.get(plain, plain)
    if not _CHARSETS.fullmatch(found):
        raise LookupError(found)
    return found


def html_to_text(html: str) -> str:
    """The readable text of an HTML mail; scripts, styles and everything hidden in attributes are gone."""
    kept = _BREAKS | _CELLS | {"br"}
    # The parser puts what stands in no cell before its table, so that groups of rows have to come to it as well.
    clean = nh3.clean(in_order(_cut(html), kept | _GROUPS), tags=kept, attributes={})
    reader = _Reader()
    reader.feed(clean)
    reader.close()
    lines = [" ".join(line.split()) for line in "".join(reader.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def harmless(html: str) -> str:
    """HTML mail that may stand in a page: text, lists, tables and links. Nothing in it loads, runs, hides or looks like ours."""
    found = nh3.clean(
        in_order(_cut(html), _SHOWN),
        tags=_SHOWN,
        attributes={"a": {"href"}},
        clean_content_tags={"script", "style", "title"},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    ).strip()
    # What is far too long is read as text; cutting it would leave half a tag.
    return found if len(found) <= MAX_TEXT * 2 else ""


def _cut(html: str) -> str:
    return "&".join(html[:_MAX_HTML].split("&", _MAX_AMPERSANDS)[:_MAX_AMPERSANDS])


class _Reader(HTMLParser):
    """Writes text with line breaks, cells of a row on one line, quotes with a mark."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._depth += tag == "blockquote"
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag == "blockquote" and self._depth > 0
        self._break(tag)

    def handle_data(self, data: str) -> None:
        self.parts.append(data.replace("\n", " "))

    def _break(self, tag: str) -> None:
        self.parts.append(" " if tag in _CELLS else "\n" + "> " * min(self._depth, 3))


def split_quoted(text: str) -> tuple[str, str]:
    """What was written now, and what it answers ("" if nothing is quoted). Answers below the quote count as written now."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")[:MAX_TEXT].split("\n")
    tail = _quoted_from(lines)
    for number, line in enumerate(lines):
        stripped = line.strip()
        if _SEPARATOR.match(stripped) or _RULE.match(stripped) or _is_header_block(lines, number):
            return _joined(lines[:number]), _joined(lines[number:])
        length = _introduces(lines, number)
        if length:
            return _around(lines, number, number + length)
        if stripped.startswith(">") and number >= tail:
            return _joined(lines[:number]), _joined(lines[number:])
    return _joined(lines), ""


def _quoted_from(lines: list[str]) -> int:
    """From which line on nothing but marked and empty ones follow."""
    number = len(lines)
    while number and (lines[number - 1].strip().startswith(">") or not lines[number - 1].strip()):
        number -= 1
    return number


def _is_header_block(lines: list[str], number: int) -> bool:
    if not _FROM.match(lines[number].strip()):
        return False
    return sum(bool(_OTHER_HEADER.match(one.strip())) for one in lines[number + 1 : number + 6]) >= 2


def _introduces(lines: list[str], number: int) -> int:
    """How many lines (1 or 2: mail programs wrap) say "On … wrote:"; 0 if these do not."""
    first = lines[number].strip()
    if _WROTE.match(first):
        return 1
    if first.startswith("On ") and number + 1 < len(lines) and _WROTE.match(f"{first} {lines[number + 1].strip()}"):
        return 2
    return 0


def _around(lines: list[str], start: int, end: int) -> tuple[str, str]:
    """Cut out the quote that begins with an introduction, and keep what stands below its marked lines."""
    quote = end
    while quote < len(lines) and (not lines[quote].strip() or lines[quote].strip().startswith(">")):
        quote += 1
    marked = any(one.strip().startswith(">") for one in lines[end:quote])
    if not marked:
        return _joined(lines[:start]), _joined(lines[start:])
    return _joined([*lines[:start], *lines[quote:]]), _joined(lines[start:quote])


def _joined(lines: list[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).strip()
