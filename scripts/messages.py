#!/usr/bin/env python
"""Keeps the translations: `update` brings new texts into the .po files, `compile` makes the .mo files, `check` names
what is missing. Pure Python (Babel), so that a machine without gettext can run the portal and its tests."""

import io
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("portal", "sla", "partners", "kpis", "access_requests", "escalations", "reviews")
LOCALES = {"zh_Hans": ROOT / "locale/zh_Hans/LC_MESSAGES/django.po"}
KEYWORDS = {
    "_": None,
    "_now": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "marked": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}

type Found = tuple[str, str | tuple[str, ...], str | None]


def found_in(path: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """Every text for translation in a Python file or a template, with its context."""
    content = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        content = _as_python(content)
    for _line, function, messages, _comments in extract_python(io.BytesIO(content.encode()), KEYWORDS, [], {}):
        parts = messages if isinstance(messages, tuple) else (messages,)
        if any(not isinstance(part, str) for part in parts[: _texts(function)]):
            continue  # a variable: its texts are marked where they are written
        yield _split(function, parts)


def _as_python(template: str) -> str:
    from django.utils.translation.template import templatize

    # What is not for translation comes out as runs of letters; they may not run into the next call.
    return "\n".join(line.lstrip() for line in templatize(template).splitlines())


def _texts(function: str) -> int:
    return {"ngettext": 2, "pgettext": 2, "npgettext": 3}.get(function.removesuffix("_lazy"), 1)


def _split(function: str, parts: tuple[str, ...]) -> tuple[str | tuple[str, ...], str | None]:
    name = function.removesuffix("_lazy")
    if name == "npgettext":
        return (parts[1], parts[2]), parts[0]
    if name == "pgettext":
        return parts[1], parts[0]
    return ((parts[0], parts[1]), None) if name == "ngettext" else (parts[0], None)


def sources() -> Iterable[Path]:
    """Every file that may hold texts."""
    for package in PACKAGES:
        yield from sorted(p for p in (ROOT / package).rglob("*.py") if "migrations" not in p.parts)
    yield from sorted(p for p in (ROOT / "templates").rglob("*") if p.suffix in {".html", ".txt"})


def template_catalog() -> Catalog:
    """All texts of the project."""
    catalog = Catalog()
    for path in sources():
        where = str(path.relative_to(ROOT))
        for message, context in found_in(path):
            if message and message != ("", ""):
                catalog.add(message, context=context, locations=[(where, 0)])
    return catalog


def load(locale: str) -> Catalog:
    """The translations of a language as they are on disk."""
    path = LOCALES[locale]
    if not path.exists():
        return Catalog(locale=locale, fuzzy=False, charset="utf-8")
    with path.open("rb") as handle:
        return read_po(handle, locale=locale)


def update() -> None:
    """Bring new texts in, drop those that are gone; nothing is guessed."""
    texts = template_catalog()
    for locale, path in LOCALES.items():
        catalog = load(locale)
        catalog.update(texts, no_fuzzy_matching=True, update_header_comment=False)
        catalog.obsolete.clear()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as handle:
            write_po(handle, catalog, width=120, omit_header=False, include_lineno=False, sort_output=True)


def compile_all() -> None:
    """Make the files that the portal reads."""
    for locale, path in LOCALES.items():
        with path.with_suffix(".mo").open("wb") as handle:
            write_mo(handle, load(locale))


def problems(locale: str) -> list[str]:
    """Texts of the project that the language lacks, has only as a guess, or has with other placeholders."""
    catalog = load(locale)
    found = []
    for message in template_catalog():
        if not message.id:
            continue
        key = message.id[0] if isinstance(message.id, tuple) else message.id
        known = catalog.get(key, message.context)
        strings = (known.string,) if known and isinstance(known.string, str) else (known.string if known else ())
        if not known or not strings or not all(strings):
            found.append(f"missing: {key!r}")
        elif known.fuzzy:
            found.append(f"fuzzy: {key!r}")
        else:
            found += [f"{error}: {key!r}" for error in known.check(catalog)]
    return found


def main(command: str) -> int:
    """Run one command; returns the exit status."""
    if command == "update":
        update()
    elif command == "compile":
        compile_all()
    elif command == "check":
        found = [f"{locale}: {text}" for locale in LOCALES for text in problems(locale)]
        print("\n".join(found) or "Every text is translated.")
        return 1 if found else 0
    else:
        print(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    from django.conf import settings

    if not settings.configured:
        settings.configure()
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
