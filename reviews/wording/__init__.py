"""Codes of the wing in the reader's words."""
