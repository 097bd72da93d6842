"""Views of access, a file per topic."""
