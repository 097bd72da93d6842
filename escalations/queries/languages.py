"""Languages that people speak: codes, their names in the reader's language, and which one a customer's words mean."""

import re
from functools import lru_cache
from typing import Final

from babel import Locale
from django.utils.translation import get_language, to_locale

#: What may be chosen for a person.
LANGUAGES: Final = (
    "en", "zh", "ar", "cs", "da", "de", "el", "es", "fi", "fr", "he", "hi", "hu", "id", "it", "ja", "ko", "ms", "nb", "nl", "pl", "pt",
    "ro", "ru", "sv", "th", "fil", "tr", "uk", "vi",
)  # fmt: skip
_OTHERS: Final = {
    "mandarin": "zh", "cantonese": "zh", "普通话": "zh", "国语": "zh", "粤语": "zh", "汉语": "zh", "norwegian": "nb", "tagalog": "fil",
    "farsi": "", "castellano": "es",
}  # fmt: skip
_REGION: Final = re.compile(r"[-_][a-z0-9_-]+\Z")  # "zh-CN", "pt_br"
#: Words before a name that mean its opposite.
_NOT: Final = r"(?<!\bno )(?<!\bnot )(?<!non-)(?<!不会)(?<!不说)(?<!不懂)"


def language_choices() -> list[tuple[str, str]]:
    """Codes with their names in the reader's language, in the order of the names."""
    return sorted(((code, language_name(code)) for code in LANGUAGES), key=lambda one: one[1])


def language_name(code: str) -> str:
    """The name of a language in the reader's own; the code itself if it is not known."""
    return str(Locale.parse(to_locale(get_language() or "en")).languages.get(code, code))


def language_of(words: str) -> str:
    """The first language that the words name, in English, Chinese or itself: "Portuguese, no English" is "pt"; "" if none.

    A code counts only by itself: "it" and "he" are words.
    """
    text = " ".join(words.casefold().split())
    if (code := _REGION.sub("", text)) in LANGUAGES:
        return code
    pattern, codes = _names()
    found = pattern.search(text)
    return codes[found[0]] if found else ""


@lru_cache(maxsize=1)
def _names() -> tuple[re.Pattern[str], dict[str, str]]:
    codes = dict(_OTHERS)
    for code in LANGUAGES:
        for names in (Locale("en"), Locale("zh"), Locale(code)):
            codes[str(names.languages[code]).casefold()] = code
    longest_first = sorted(codes, key=len, reverse=True)
    return re.compile(f"{_NOT}(?:{'|'.join(_bounded(name) for name in longest_first)})"), codes


def _bounded(name: str) -> str:
    """Names in letters of their own are whole words; Chinese, Japanese and Thai write no spaces."""
    return rf"\b{re.escape(name)}\b" if name.isascii() or max(name) < "\u0370" else re.escape(name)
