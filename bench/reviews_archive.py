"""Packs: the archive of 52 weeks at 12 sites, its filters and one pack over HTTP, for who sees all of it and for who sees one site."""

import argparse

from bench import readers

SITES, WEEKS = 12, 52


def run(options: argparse.Namespace) -> None:
    """Fill a database once, then print a row per page."""
    readers.run(options, "reviews_archive", WEEKS, f"Packs ({WEEKS} weeks at {SITES} sites)")
