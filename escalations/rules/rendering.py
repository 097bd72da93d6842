"""Reply templates: text with variables like {{ subject }}, read and filled in. Pure, and no template engine: what is filled
in is never read again, and nothing but the variables of a closed list can be asked for."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

# What stands for a value that nobody knows. No keyboard has these brackets, so nobody types them by chance.
GAP_OPEN, GAP_CLOSE = "⟦", "⟧"
_MARKS: Final = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}|[⟦⟧]")
# At most one space inside the braces on either side; a name is a word in small letters.
_VARIABLE: Final = re.compile(r"\{\{ ?([a-z_]{1,40}) ?\}\}")
_GAP: Final = re.compile(r"⟦([^⟦⟧]*)⟧?|⟧")

Fault = Literal["malformed", "unknown", "bracket"]


@dataclass(frozen=True, slots=True)
class Text:
    """Words as they stand."""

    text: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A place for a value."""

    name: str


Part = Text | Variable


class BadTemplateError(ValueError):
    """Where a text cannot be read (line and column, from 1), why, and what stands there."""

    def __init__(self, text: str, at: int, fault: Fault, found: str) -> None:
        self.line = text.count("\n", 0, at) + 1
        self.column = at - (text.rfind("\n", 0, at) + 1) + 1
        self.fault, self.found = fault, found
        super().__init__(f"{fault} at {self.line}:{self.column}: {found}")


def parse(text: str, known: Collection[str]) -> tuple[Part, ...]:
    """The parts of a template, in their order. Raises BadTemplateError at the first place that is no plain text and no known variable."""
    parts: list[Part] = []
    at = 0
    while mark := _MARKS.search(text, at):
        found = _VARIABLE.match(text, mark.start())
        if found is None:
            raise _malformed(text, mark.start())
        if found[1] not in known:
            raise BadTemplateError(text, mark.start(), "unknown", found[1])
        if mark.start() > at:
            parts.append(Text(text[at : mark.start()]))
        parts.append(Variable(found[1]))
        at = found.end()
    return (*parts, Text(text[at:])) if at < len(text) else tuple(parts)


def _malformed(text: str, at: int) -> BadTemplateError:
    fault: Fault = "bracket" if text[at] in (GAP_OPEN, GAP_CLOSE) else "malformed"
    return BadTemplateError(text, at, fault, text[at : at + 20].partition("\n")[0])


def names_in(parts: Sequence[Part]) -> tuple[str, ...]:
    """The variables of a template, each once, in the order of their first place."""
    return tuple(dict.fromkeys(part.name for part in parts if isinstance(part, Variable)))


def fill(parts: Sequence[Part], values: Mapping[str, str], labels: Mapping[str, str]) -> str:
    """The text with its values; a value that is empty or missing leaves a gap that bears the variable's label."""
    return "".join(part.text if isinstance(part, Text) else _value(part.name, values, labels) for part in parts)


def _value(name: str, values: Mapping[str, str], labels: Mapping[str, str]) -> str:
    value = _unmarked(values.get(name, "")).strip()
    return value or f"{GAP_OPEN}{_unmarked(labels.get(name, name))}{GAP_CLOSE}"


def _unmarked(value: str) -> str:
    """A value without the marks of a gap, so that nobody's own words look like one."""
    return value.replace(GAP_OPEN, "").replace(GAP_CLOSE, "")


def gaps_in(text: str) -> tuple[str, ...]:
    """What is still to be filled in before a text may go out: labels of gaps, and marks that were left half."""
    return tuple((found[1] or "").strip() or found[0] for found in _GAP.finditer(text))
