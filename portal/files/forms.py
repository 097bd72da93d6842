"""The field of a form through which files come in."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.core.files.base import File

from portal.files.checking import check
from portal.files.choices import DOCUMENTS, TYPES
from portal.ui.lostfiles import LostFile, RememberingInput


class UploadField(forms.FileField):
    """One file, checked by content; `allowed` are content types, `max_bytes` else FILES_MAX_BYTES. What was chosen before the
    form was refused is asked for again."""

    widget = RememberingInput

    def __init__(self, *, allowed: Collection[str] = DOCUMENTS, max_bytes: int | None = None, **more: Any) -> None:
        self.allowed, self.max_bytes = frozenset(allowed), max_bytes
        super().__init__(**more)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """The upload. Raises ValidationError, also for one that was lost with a refused form."""
        if isinstance(data, LostFile):
            raise forms.ValidationError(data.text, code="again")
        return super().clean(data, initial)

    def to_python(self, data: Any) -> File[bytes] | None:
        """The upload as it came, once it is found good. Raises ValidationError."""
        upload = super().to_python(data)
        if upload is not None:
            check(upload, allowed=self.allowed, max_bytes=self.max_bytes)
        return upload

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Let the browser's dialog show what is taken."""
        endings = ",".join(ending for kind in TYPES if kind in self.allowed for ending in TYPES[kind].extensions)
        return {**super().widget_attrs(widget), "accept": endings}
