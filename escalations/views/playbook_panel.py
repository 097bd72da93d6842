"""A case's playbook as its panel and its page show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.urls import reverse

from escalations import queries, rules
from escalations.choices import Evidence, StepWhat
from escalations.forms import StepForm
from escalations.queries import playbooks as following
from escalations.rules.playbooks import asked_steps, is_settled
from escalations.views.common import lang_of
from portal.files.queries import files_of
from portal.naming import in_language
from portal.ui.times import Style

if TYPE_CHECKING:
    from escalations.models import Case, EntryBody, PlaybookStep, StepEvent
    from portal.accounts.models import User
    from portal.accounts.rules import Actor
    from portal.files.models import StoredFile

_PLAIN: Final = Evidence.NONE


@dataclass(frozen=True)
class Line:
    """A step that is asked for: how it stands, who said so with what, and the forms to say more."""

    step: PlaybookStep
    url: str
    event: StepEvent | None
    settled: bool
    seen: str
    files: Sequence[StoredFile]
    bound: StepForm | None

    @property
    def asks(self) -> bool:
        """Whether more than a tick is asked for."""
        return bool(self.step.answers) or self.step.evidence != _PLAIN

    @property
    def skipped(self) -> bool:
        """Whether it was skipped."""
        return self.settled and self.event is not None and self.event.what == StepWhat.SKIPPED

    @property
    def tick(self) -> StepForm:
        """Ticking what asks for nothing, or opening again what is settled."""
        return self._form(StepWhat.UNDONE if self.settled else StepWhat.DONE)

    @property
    def doing(self) -> StepForm:
        """Saying that it is done, with what it asks for."""
        return self._form(StepWhat.DONE)

    @property
    def skipping(self) -> StepForm | None:
        """Skipping it; None where it is required."""
        return None if self.step.required else self._form(StepWhat.SKIPPED)

    def _form(self, what: StepWhat) -> StepForm:
        if self.bound is not None and self.bound.data.get("what") == what:
            return self.bound
        return StepForm(self.step, what, initial={"what": what.value, "seen": self.seen})

    @property
    def is_open(self) -> bool:
        """Whether its form stands open: something in it is wrong."""
        return self.bound is not None

    @property
    def by(self) -> User | None:
        """Who settled it."""
        return self.event.entry.actor if self.event else None

    @property
    def at(self) -> datetime | None:
        """When."""
        return self.event.entry.at if self.event else None

    @property
    def style(self) -> Style:
        """Date and time, for it may have been another day."""
        return "full"

    @property
    def answer(self) -> str:
        """The answer that was given, in the reader's language."""
        given = self.event.answer if self.event else ""
        found = next((one for one in self.step.answers if one["key"] == given), None)
        return in_language(found["text"], found["text_zh"]) if found else ""

    @property
    def text(self) -> str:
        """The words that came with it, unless they are the file's name."""
        text = self._body.text if self._body else ""
        return "" if [one.name for one in self.files] == [text] else text

    @property
    def lang(self) -> str:
        """The language of these words, if it is not the page's."""
        return lang_of(self.text)

    @property
    def redacted(self) -> bool:
        """Whether its words were removed."""
        return self._body is not None and self._body.redacted_at is not None

    @property
    def _body(self) -> EntryBody | None:
        return getattr(self.event.entry, "body", None) if self.event else None


@dataclass(frozen=True)
class PlaybookPanel:
    """The playbook of a case for one reader; `live`: it stands on the case's page and is swapped there."""

    name: str
    number: int
    lines: Sequence[Line]
    may: bool
    live: bool

    @property
    def done(self) -> int:
        """How many steps are settled."""
        return sum(line.settled for line in self.lines)


def panel_of(
    actor: Actor, case: Case, *, live: bool, bound: tuple[str, StepForm] | None = None
) -> PlaybookPanel | None:
    """What the case follows; None if nothing. `bound`: a form of a step, by its key, that was not good. Six queries at most."""
    found = following.followed(case)
    if found is None:
        return None
    asked = found.rows(asked_steps(found.plain, found.marks))
    files = files_of(
        following.STEP_FILES, [event.pk for event in found.events.values() if event.step.evidence == Evidence.FILE]
    )
    # What was written stays in its form, with why it was refused, although the case may have been resolved meanwhile.
    may = bound is not None or rules.can_mark_steps(actor, queries.facts_of(actor, case)).ok
    plain = {one.key: one for one in found.plain}
    key, form = bound or ("", None)

    def line(step: PlaybookStep) -> Line:
        event, counts = found.events.get(step.key), found.seen(step.key)
        return Line(
            step=step,
            url=reverse("escalations:case-step", args=[case.ref, step.key]),
            event=event,
            settled=is_settled(plain[step.key], found.marks),
            seen=f"{counts[0]}.{counts[1]}",
            files=files.get(str(event.pk), ()) if event else (),
            bound=form if step.key == key else None,
        )

    return PlaybookPanel(found.version.playbook.label, found.version.number, [line(one) for one in asked], may, live)
