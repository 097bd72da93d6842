"""Writes of access: one verb per function, audited, refused with a reason."""

from .raising import Line, cancel, raise_request, submit_request

__all__ = ["Line", "cancel", "raise_request", "submit_request"]
