"""What the guide prints in bold are words of the portal, letter by letter, in the language of the page."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "guide"
CHINESE = GUIDE / "zh-hans"


def _words(chinese: bool) -> set[str]:
    with (ROOT / "locale/zh_Hans/LC_MESSAGES/django.po").open("rb") as file:
        texts = [message.string if chinese else message.id for message in read_po(file, locale="zh_Hans")]
    return {_bare(word) for text in texts for word in ([text] if isinstance(text, str) else text)}


def _bare(word: str) -> str:
    return " ".join(word.split()).lower().rstrip(".:,。")


def _bold(page: Path) -> Iterator[str]:
    for found in re.findall(r"\*\*([^*]+)\*\*", page.read_text()):
        yield from found.split(" → ")


@pytest.mark.parametrize("chinese", [False, True])
def test_bold_words_stand_in_the_portal(chinese: bool) -> None:
    pages = sorted((CHINESE if chinese else GUIDE).glob("*.md"))
    known = _words(chinese)
    unknown = {f"{page.name}: {word}" for page in pages for word in _bold(page) if _bare(word) not in known}
    assert pages
    assert unknown == set()


def test_pages_in_chinese_have_the_parts_of_the_english_ones() -> None:
    def heads(page: Path) -> list[int]:
        return [len(marks) for marks in re.findall(r"^(#+) ", page.read_text(), re.M)]

    for page in CHINESE.glob("*.md"):
        assert heads(page) == heads(GUIDE / page.name), page.name
