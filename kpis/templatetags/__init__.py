"""Template tags of the wing."""
