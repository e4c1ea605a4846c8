"""The application on a host whose clock is wrong, with jobs that come round in seconds instead of minutes.

`TEST_SKEW` says by how many seconds the clock is ahead. Each second's slot leaves a mark, and nothing in
the table of marks keeps one from being left twice.
"""

import os
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread

from app.factory import build_scheduler, create_app
from app.jobs.scheduler import ScheduledTask
from app.jobs.tasks import TASKS
from tests.jobs.host import SECOND, mark

PAUSE = 0.2


def serve():
    """Put the application together for a server."""
    skew = timedelta(seconds=float(os.environ["TEST_SKEW"]))
    app = create_app(clock=lambda: datetime.now(UTC) + skew)
    quick = tuple(replace(job, every=2 * SECOND) for job in TASKS)
    table = replace(build_scheduler(app), jobs=(ScheduledTask("mark", SECOND, mark), *quick), leader_timeout=5 * SECOND)
    Thread(target=_tick, args=(table,), daemon=True).start()
    return app


def _tick(table):
    while True:
        table.run_due()
        time.sleep(PAUSE)
