"""Several people at once, for real: a thread and a connection each."""

import threading
from collections.abc import Callable

from django.db import connection

from escalations.actions import Refused, Stale
from portal.refusals import ConflictError, RefusedError


def at_once(*jobs: Callable[[], object]) -> list[str]:
    """Run each in a thread and a connection of its own, all from the same moment; what came of each, by name."""
    start, results = threading.Barrier(len(jobs)), [""] * len(jobs)

    def run(index: int) -> None:
        try:
            start.wait(30)
            jobs[index]()
            results[index] = "done"
        except (ConflictError, RefusedError, Refused, Stale) as no:
            results[index] = type(no).__name__
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
