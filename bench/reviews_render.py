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
    """Freeze the packs in a database of its own; render them with one worker and with two at once, and each format by a worker of its own."""
    from bench.databases import database, table

    bench = database("reviews_render", fresh=True)
    frozen = told_by(started(bench.env, "fill"))
    table(
        f"Numbers of packs: {SITES} sites, and the network of them",
        ["pack", "packs", "s each", "queries each"],
        [[name, *found] for name, found in frozen.items()],
    )
    rows = [[str(workers), *rendered(bench.env, workers)] for workers in (1, 2)]
    rows += [[f"1, {form} alone", *rendered(bench.env, 1, form)] for form in FORMATS]
    head = [
        "workers",
        "files",
        "wall s",
        *[f"{form}, mean s" for form in FORMATS],
        "peak RSS of a worker, MB",
        "load of the machine",
    ]
    table(f"Packs as files: {SITES} sites, {len(FORMATS)} formats, {len(LANGUAGES)} languages", head, rows)


def rendered(env: dict[str, str], workers: int, *forms: str) -> list[object]:
    """Every file (of these formats) once more by so many workers at once: files, seconds in all and of a file, memory."""
    started(env, "ask", *forms).communicate()
    begun = time.perf_counter()
    told = [told_by(one) for one in [started(env, "work") for _at in range(workers)]]
    wall = time.perf_counter() - begun
    made: dict[str, list[float]] = {form: [] for form in FORMATS}
    for one in told:
        for form, took in one["made"]:
            made[form].append(took)
    mean = [f"{sum(found) / len(found):.2f}" if found else "" for found in made.values()]
    peak = max(one["peak"] for one in told)
    total = sum(len(found) for found in made.values())
    return [total, f"{wall:.1f}", *mean, f"{peak:.0f}", f"{os.getloadavg()[0]:.1f}"]


def told_by(process: "subprocess.Popen[str]") -> Any:
    """What a process printed last, when it is done."""
    return json.loads(process.communicate()[0].splitlines()[-1])


def started(env: dict[str, str], name: str, *words: str) -> "subprocess.Popen[str]":
    """A function of this file in a process of its own."""
    code = f"import django; django.setup(); from bench import reviews_render; reviews_render.{name}(*{words!r})"
    return subprocess.Popen([sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, text=True)


def fill() -> None:
    """Sites with six weeks of figures under a contract, and their packs, frozen; prints how long that took and how many queries."""
    from tests.factories.reviews import PackFactory
    from tests.reviews.packing import a_site

    sites = [a_site(name=f"Site {at}", name_zh=f"站点{at}", level=0.55 + 0.03 * at) for at in range(SITES)]
    of_sites = [PackFactory.create(site=site, formats=list(FORMATS)).pk for site in sites]
    network = PackFactory.create(site=None, scope="network", formats=[]).pk
    print(json.dumps({"of a site": frozen(of_sites), "of the network": frozen([network])}))


def frozen(ids: list[int]) -> list[object]:
    """How many packs, seconds and queries of one."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from reviews.actions.freezing import freeze

    begun = time.perf_counter()
    with CaptureQueriesContext(connection) as asked:
        for pk in ids:
            freeze(pk)
    return [len(ids), f"{(time.perf_counter() - begun) / len(ids):.2f}", f"{len(asked) / len(ids):.0f}"]


def ask(*forms: str) -> None:
    """Every file once more, or those of some formats."""
    from reviews.actions.files import ask as ask_for
    from reviews.models import Pack, PackFile

    PackFile.objects.all().delete()
    Pack.objects.exclude(site=None).update(formats=list(forms or FORMATS))
    for pack in Pack.objects.exclude(site=None):
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
