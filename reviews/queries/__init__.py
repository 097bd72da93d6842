"""Reads of the wing; each starts at what the actor may see."""
