"""Hands files out, to whom their owner's wing lets read them."""

import uuid
from typing import IO, Final

from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.files import actions
from portal.files.choices import TYPES, UNKNOWN
from portal.files.models import StoredFile

# What comes from outside may load, run, send and reach nothing at all.
_SEALED: Final[dict[str, list[str]]] = {
    "default-src": [CSP.NONE],
    "form-action": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "sandbox": [""],
}
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


@require_safe
@require_actor
@csp_override(_SEALED)
def file(request: HttpRequest, file_id: uuid.UUID) -> HttpResponseBase:
    """The bytes, as an attachment; pictures inline unless `?download` asks otherwise. 404 for whoever may not read them."""
    actor = actor_of(request)
    try:
        row, stream = actions.open_(actor=actor, file_id=file_id)
    except FileNotFoundError as error:
        raise Http404 from error
    return handed_out(row, stream, inline=row.is_inline and "download" not in request.GET)


def handed_out(row: StoredFile, stream: IO[bytes], *, inline: bool) -> FileResponse:
    """The bytes of a file from the disk; unless `inline` as an attachment. The caller has asked who may read it."""
    return FileResponse(
        stream,
        as_attachment=not inline,
        filename=row.name,
        # No browser runs what is named so, whatever the content was found to be.
        content_type=row.content_type if row.content_type in TYPES else UNKNOWN,
        headers=_HEADERS,
    )
