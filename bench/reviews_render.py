"""Packs as files: how long the weekly packs of 12 sites take in every format and in both languages, and how much memory a worker needs."""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SITES = 12
FORMATS = ("pdf", "xlsx", "pptx")
LANGUAGES = ("en", "zh-hans")


def run(options: argparse.Namespace) -> None:
    """Freeze the packs in a database of its own, then render them with one worker and again with two at once."""
    from bench.databases import database, table

    bench = database("reviews_render", fresh=True)
    code(bench.env, "fill")
    rows: list[list[object]] = []
    for workers in (1, 2):
        code(bench.env, "ask")
        begun = time.perf_counter()
        running = [started(bench.env, "work") for _at in range(workers)]
        told = [json.loads(one.communicate()[0]) for one in running]
        wall = time.perf_counter() - begun
        made: dict[str, list[float]] = {form: [] for form in FORMATS}
        for one in told:
            for form, took in one["made"]:
                made[form].append(took)
        total = sum(len(found) for found in made.values())
        mean = [f"{sum(found) / max(1, len(found)):.2f}" for found in made.values()]
        peak = max(one["peak"] for one in told)
        rows.append([workers, total, f"{wall:.1f}", *mean, f"{peak:.0f}", f"{os.getloadavg()[0]:.1f}"])
    head = [
        "workers",
        "files",
        "wall s",
        *[f"{form}, mean s" for form in FORMATS],
        "peak RSS of a worker, MB",
        "load of the machine",
    ]
    table(f"Packs as files: {SITES} sites, {len(FORMATS)} formats, {len(LANGUAGES)} languages", head, rows)


def code(env: dict[str, str], name: str) -> None:
    """Run a function of this file on the database and wait."""
    started(env, name).communicate()


def started(env: dict[str, str], name: str) -> "subprocess.Popen[str]":
    """A function of this file in a process of its own."""
    words = f"import django; django.setup(); from bench import reviews_render; reviews_render.{name}()"
    return subprocess.Popen([sys.executable, "-c", words], env=env, stdout=subprocess.PIPE, text=True)


def fill() -> None:
    """Sites with six weeks of figures under a contract, and their packs, frozen."""
    from reviews.actions.freezing import freeze
    from tests.factories.reviews import PackFactory
    from tests.reviews.packing import a_site

    for at in range(SITES):
        site = a_site(name=f"Site {at}", name_zh=f"站点{at}", level=0.55 + 0.03 * at)
        freeze(PackFactory.create(site=site, formats=list(FORMATS)).pk)


def ask() -> None:
    """Every file once more."""
    from reviews.actions.files import ask as ask_for
    from reviews.models import Pack, PackFile

    PackFile.objects.all().delete()
    for pack in Pack.objects.all():
        ask_for(pack, LANGUAGES)


def work() -> None:
    """Render what waits, as a worker does; print how long each file took and the most memory."""
    from reviews.actions.files import render_files
    from reviews.rendering import render

    made: list[tuple[str, float]] = []

    @contextmanager
    def timed(pack: Any, form: str, language: str) -> Iterator[Any]:
        begun = time.perf_counter()
        with render(pack, form, language) as found:
            made.append((form, time.perf_counter() - begun))
            yield found

    while render_files(timed):
        pass
    print(json.dumps({"made": made, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
