"""One host of several, for the tests: ticks until it is ended, and writes down each slot that it did.

Run as `python -m tests.jobs.host DATABASE INSTANCE`.
"""

import os
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from app.config import load_settings
from app.factory import build_scheduler, create_app
from app.jobs.scheduler import ScheduledTask

SECOND = timedelta(seconds=1)


def mark(session, means):
    """Write down that this process did the slot; nothing in the table keeps it from being done twice."""
    process = os.getpid()
    session.execute(text("INSERT INTO mark (slot, process) VALUES (:slot, :process)"), _row(means, process))


def _row(means, process):
    return {
        "slot": ScheduledTask("mark", SECOND, mark).start_of_current_slot(means.now).isoformat(),
        "process": process,
    }


def main(database_url: str, instance: str) -> None:
    app = create_app(load_settings({}, instance=Path(instance), database_url=database_url))
    found = replace(build_scheduler(app), jobs=(ScheduledTask("mark", SECOND, mark),), leader_timeout=3 * SECOND)
    while True:
        found.run_due()
        time.sleep(0.1)


if __name__ == "__main__":
    main(*sys.argv[1:])
