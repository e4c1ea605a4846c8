"""`flask clock`: show a detected clock jump, and confirm the time so that scheduled tasks run again."""

import click
from flask.cli import AppGroup

from app.core.clock_jumps import ClockJump
from app.services import clock_jumps
from app.store import clock_checks
from app.store.database import read_session, write_session
from app.web.shared.app_context import now

group = AppGroup("clock", help="The server's time, and whether it may be acted upon.")
TIME = "%Y-%m-%d %H:%M:%S UTC"


@group.command("show")
def show() -> None:
    """Show the present time, and whether scheduled tasks wait for somebody who confirms it."""
    click.echo(_state(_find_jump()))


@group.command("confirm")
@click.option("--yes", is_flag=True, help="Do not ask.")
def confirm(*, yes: bool) -> None:
    """Confirm that the time is right after a jump: rounds open, close and are counted by schedule again."""
    jump = _find_jump()
    click.echo(_state(jump))
    if jump is None:
        return
    if not yes:
        click.confirm("Is this the right time? What is overdue then closes and is counted for good.", abort=True)
    with write_session() as session:
        clock_jumps.confirm(session, clock_checks.read_clock(session, now()))
    click.echo("The time is confirmed. Scheduled tasks run within half a minute.")


def _find_jump() -> ClockJump | None:
    with read_session() as session:
        return clock_jumps.find_jump(session, now=now())


def _state(jump: ClockJump | None) -> str:
    present = f"It is {now():{TIME}}."
    return f"{present} Scheduled tasks run." if jump is None else f"{present} {clock_jumps.jump_message(jump)}"
