"""Forms of access, a file per topic."""
