"""What an operation on a case is: its words, its form, its action."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import QueryDict
from django.urls import reverse

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from escalations.models import Case
    from escalations.queries import CaseRights
    from portal.accounts.rules import Actor


@dataclass(frozen=True, slots=True)
class Done:
    """What a toast says, what would take it back, and where one goes on if not on the case's own page."""

    text: str
    undo: dict[str, Any] | None = None
    go_to: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """Who acts on what."""

    actor: Actor
    case: Case
    rights: CaseRights


MakeForm = Callable[[Context, QueryDict | None], forms.Form]
Run = Callable[[Context, forms.Form], Done]


@dataclass(frozen=True, slots=True)
class Kind:
    """One operation as the table below describes it."""

    key: str
    label: StrOrPromise
    title: StrOrPromise
    submit: StrOrPromise
    icon: str
    may: Callable[[CaseRights], bool]
    form: MakeForm
    run: Run
    shortcut: str = ""
    intro: StrOrPromise = ""
    danger: bool = False
    in_head: bool = False
    # It has a place of its own on the page, so the menu leaves it out.
    placed: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    """An operation on a certain case, for the templates."""

    kind: Kind
    ref: str

    def __getattr__(self, name: str) -> Any:
        return getattr(object.__getattribute__(self, "kind"), name)

    @property
    def url(self) -> str:
        """The address of its form."""
        return reverse(f"escalations:case-{self.kind.key}", args=[self.ref])

    @property
    def title(self) -> str:
        """The heading of its form."""
        return str(self.kind.title) % {"ref": self.ref}

    @property
    def cap(self) -> str:
        """The key cap."""
        return self.kind.shortcut.upper()
