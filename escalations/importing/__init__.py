"""Brings cases of other systems in: event logs and plain lists, by a mapping."""
