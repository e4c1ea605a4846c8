"""Service processes, and which of them must be replaced after a round was closed or counted.

Rows have no time: together with PostgreSQL's transaction ids, times would reveal the minutes of answers.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import cast

from sqlalchemy import String, Table, delete, insert, inspect, select, true, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.store.database import Base


class ServiceProcessRow(Base):
    __tablename__ = "service_process"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    host: Mapped[str] = mapped_column(String(12))
    host_name: Mapped[str] = mapped_column(String(100))
    process: Mapped[str] = mapped_column(String(64))
    due: Mapped[bool] = mapped_column(default=False)
    asked: Mapped[bool] = mapped_column(default=False)


@dataclass(frozen=True, slots=True)
class ServiceProcess:
    """A process of the service.

    `id` is random. `host` identifies the instance folder. `process` is the pid with a digest of the start time, so
    that
    a later process with the same pid is distinguished. `due`: the process must be replaced; `asked`: its server was
    asked to replace it.
    """

    id: str
    host: str
    host_name: str
    process: str
    due: bool = False
    asked: bool = False


_TABLE = cast("Table", ServiceProcessRow.__table__)


def has_processes_table(session: Session) -> bool:
    """Tell whether the table exists: a process may start before the migrations."""
    return inspect(session.connection()).has_table(ServiceProcessRow.__tablename__)


def add(session: Session, process: ServiceProcess) -> None:
    """Register a process that is about to serve."""
    session.execute(
        insert(_TABLE),
        {
            "id": process.id,
            "host": process.host,
            "host_name": process.host_name,
            "process": process.process,
            "due": process.due,
            "asked": process.asked,
        },
    )


def processes_of_host(session: Session, host: str) -> tuple[ServiceProcess, ...]:
    """Return the registered processes of a host, ordered by random id."""
    return _select(session, _TABLE.c.host == host)


def all_processes(session: Session) -> tuple[ServiceProcess, ...]:
    """Return all registered processes."""
    return _select(session, true())


def processes_still_registered(session: Session, ids: Collection[str]) -> tuple[ServiceProcess, ...]:
    """Return the processes among `ids` that are still registered."""
    return _select(session, _TABLE.c.id.in_(ids)) if ids else ()


def mark_all_for_replacement(session: Session) -> tuple[str, ...]:
    """Mark all registered processes for replacement; return their ids."""
    session.execute(update(_TABLE).where(_TABLE.c.due.is_not(True)).values(due=True))
    return tuple(session.scalars(select(_TABLE.c.id).order_by(_TABLE.c.id)))


def set_replacement_requested(session: Session, ids: Collection[str], *, asked: bool) -> None:
    """Record whether the servers of processes were asked to replace them."""
    if ids:
        session.execute(update(_TABLE).where(_TABLE.c.id.in_(ids)).values(asked=asked))


def remove(session: Session, ids: Collection[str]) -> None:
    """Delete processes that have ended."""
    if ids:
        session.execute(delete(_TABLE).where(_TABLE.c.id.in_(ids)))


def _select(session: Session, condition: object) -> tuple[ServiceProcess, ...]:
    rows = session.execute(select(_TABLE).where(condition).order_by(_TABLE.c.id))  # type: ignore[arg-type]
    return tuple(ServiceProcess(**row._asdict()) for row in rows)
