"""Channels of access, a file per topic."""
