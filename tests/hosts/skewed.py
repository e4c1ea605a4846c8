"""The application on a host whose clock is wrong, with jobs that come round in seconds instead of minutes.

`TEST_SKEW` says by how many seconds the clock is ahead. Each second's slot leaves a mark, and nothing in
the table of marks keeps one from being left twice.
"""

import os
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread

from app.factory import create_app, timetable
from app.jobs.duties import DUTIES
from app.jobs.timetable import Job
from tests.jobs.host import SECOND, mark

PAUSE = 0.2


def serve():
    """Put the application together for a server."""
    skew = timedelta(seconds=float(os.environ["TEST_SKEW"]))
    app = create_app(clock=lambda: datetime.now(UTC) + skew)
    quick = tuple(replace(job, every=2 * SECOND) for job in DUTIES)
    table = replace(timetable(app), jobs=(Job("mark", SECOND, mark), *quick), frozen=5 * SECOND)
    Thread(target=_tick, args=(table,), daemon=True).start()
    return app


def _tick(table):
    while True:
        table.tick()
        time.sleep(PAUSE)
