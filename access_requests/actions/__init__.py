"""Writes of access: one verb per function, audited, refused with a reason."""
