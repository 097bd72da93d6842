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
_CHINESE: Final = {"mandarin": "zh", "cantonese": "zh", "普通话": "zh", "国语": "zh", "粤语": "zh", "汉语": "zh"}
_WORD: Final = re.compile(r"[^\W\d_]+")


def language_choices() -> list[tuple[str, str]]:
    """Codes with their names in the reader's language, in the order of the names."""
    return sorted(((code, language_name(code)) for code in LANGUAGES), key=lambda one: one[1])


def language_name(code: str) -> str:
    """The name of a language in the reader's own; the code itself if it is not known."""
    return str(Locale.parse(to_locale(get_language() or "en")).languages.get(code, code))


def language_of(words: str) -> str:
    """The first language that the words name, in English, Chinese or itself: "Portuguese, some English" is "pt"; "" if none."""
    known = _names()
    return next((known[word] for word in _WORD.findall(words.casefold()) if word in known), "")


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    found = dict(_CHINESE)
    for code in LANGUAGES:
        for names in (Locale("en"), Locale("zh"), Locale(code)):
            found[str(names.languages[code]).casefold()] = code
        found[code] = code
    return found
