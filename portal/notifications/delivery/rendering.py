"""Mail as text and HTML, from three templates beside each other, in one language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.template import Context
from django.template.backends.django import Template
from django.template.loader import get_template
from django.utils import translation


@dataclass(frozen=True, slots=True)
class Mail:
    """What a person gets; the subject is one line."""

    subject: str
    text: str
    html: str


def render(template: str, context: Mapping[str, object], language: str) -> Mail:
    """Render `<template>.subject.txt`, `.txt` and `.html`; the context gets `base_url` and `language` besides.

    Only the HTML is escaped. Raises TemplateDoesNotExist.
    """
    values = {**context, "base_url": settings.PORTAL_BASE_URL, "language": language}
    with translation.override(language):
        return Mail(
            subject=" ".join(_rendered(f"{template}.subject.txt", values, escape=False).split()),
            text=_rendered(f"{template}.txt", values, escape=False).strip() + "\n",
            html=_rendered(f"{template}.html", values, escape=True),
        )


def _rendered(name: str, values: Mapping[str, object], *, escape: bool) -> str:
    template = cast(Template, get_template(name)).template
    return str(template.render(Context(dict(values), autoescape=escape)))
