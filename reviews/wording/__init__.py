"""Codes of the wing in the reader's words."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise

from . import actions, jobs, life, meetings, visits

REFUSALS: Final[Mapping[str, Promise]] = {
    **actions.REFUSALS,
    **jobs.REFUSALS,
    **meetings.REFUSALS,
    **life.REFUSALS,
    **visits.REFUSALS,
}


def refusal_text(code: str, params: Mapping[str, Any]) -> str:
    """Why something is not done."""
    return str(REFUSALS[code]) % params
