"""Processes that serve the pages, and which of them must be replaced because a round was closed or counted.

The rows carry no time: a time beside PostgreSQL's numbers of transactions would tell the minutes of answers.
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
    """One process of the service.

    `id` is random. `host` tells one instance folder from all others. `process` is the number that the system gave the
    process together with a digest of its start, so that a later process of the same number is not taken for it.
    `due` says that the process must be replaced, `asked` that its server was asked to replace it.
    """

    id: str
    host: str
    host_name: str
    process: str
    due: bool = False
    asked: bool = False


_TABLE = cast("Table", ServiceProcessRow.__table__)


def is_laid_out(session: Session) -> bool:
    """Tell whether the table is there: a database may wait for its migrations while a process starts."""
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


def of_host(session: Session, host: str) -> tuple[ServiceProcess, ...]:
    """Return the registered processes of a host, in the order of their random ids."""
    return _found(session, _TABLE.c.host == host)


def all_processes(session: Session) -> tuple[ServiceProcess, ...]:
    """Return every registered process."""
    return _found(session, true())


def still_there(session: Session, ids: Collection[str]) -> tuple[ServiceProcess, ...]:
    """Return those of some processes that are registered still."""
    return _found(session, _TABLE.c.id.in_(ids)) if ids else ()


def require_replacement(session: Session) -> tuple[str, ...]:
    """Mark every registered process as due for replacement; return the ids."""
    session.execute(update(_TABLE).where(_TABLE.c.due.is_not(True)).values(due=True))
    return tuple(session.scalars(select(_TABLE.c.id).order_by(_TABLE.c.id)))


def set_asked(session: Session, ids: Collection[str], *, asked: bool) -> None:
    """Note whether the server of some processes was asked to replace them."""
    if ids:
        session.execute(update(_TABLE).where(_TABLE.c.id.in_(ids)).values(asked=asked))


def remove(session: Session, ids: Collection[str]) -> None:
    """Forget processes that have ended."""
    if ids:
        session.execute(delete(_TABLE).where(_TABLE.c.id.in_(ids)))


def _found(session: Session, condition: object) -> tuple[ServiceProcess, ...]:
    rows = session.execute(select(_TABLE).where(condition).order_by(_TABLE.c.id))  # type: ignore[arg-type]
    return tuple(ServiceProcess(**row._asdict()) for row in rows)
