"""Reviews: 50,000 actions at 40 sites; the list, its filters and the board over HTTP, for who sees all of it and for who sees one site."""

import argparse

from bench import readers

ACTIONS = 50_000


def run(options: argparse.Namespace) -> None:
    """Fill a database once, then print a row per page."""
    readers.run(options, "reviews_actions", ACTIONS, f"{ACTIONS:,} actions")
