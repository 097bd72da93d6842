"""Forms of the wing."""
