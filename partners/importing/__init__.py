"""Rosters: files read, set beside the directory, applied as a whole."""
