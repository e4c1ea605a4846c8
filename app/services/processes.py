"""Replace the processes that served a round: what has passed through their memory ends with them.

Python and the servers below it keep copies of forms in memory long after they were used. The system gives the memory
of a process that has ended to nobody before it has wiped it. So every process of the service that was running when a
round was closed or counted ends, and another takes its place. A process counts as replaced only when another one of
its host has looked and not found it.
"""

import secrets
from collections.abc import Callable

from sqlalchemy.orm import Session

from app.core.rounds import Certificate
from app.store import processes as store
from app.store.processes import ServiceProcess

__all__ = [
    "ServiceProcess",
    "can_register",
    "forget_ended",
    "forget_host",
    "hosts_awaiting_replacement",
    "hosts_with_old_processes",
    "of_host",
    "record_replacement_request",
    "register",
]

Lives = Callable[[str], bool]


def register(session: Session, *, host: str, host_name: str, process: str, due: bool, lives: Lives) -> ServiceProcess:
    """Register a process that is about to serve, and forget those of its host that `lives` no more.

    `due` marks it for replacement at once: it has served before it could be registered.
    """
    forget_ended(session, host=host, lives=lives)
    service_process = ServiceProcess(secrets.token_hex(16), host, host_name[:100], process, due=due)
    store.add(session, service_process)
    return service_process


def forget_ended(session: Session, *, host: str, lives: Lives) -> int:
    """Forget the processes of a host that have ended; return how many."""
    ended = [
        service_process.id for service_process in store.of_host(session, host) if not lives(service_process.process)
    ]
    store.remove(session, ended)
    return len(ended)


def of_host(session: Session, host: str) -> tuple[ServiceProcess, ...]:
    """Return the registered processes of a host, in the order in which they are replaced."""
    return store.of_host(session, host)


def record_replacement_request(session: Session, host: str, *, asked: bool) -> None:
    """Note whether the server of a host was asked to replace all processes there that are due."""
    store.set_replacement_requested(
        session,
        [service_process.id for service_process in store.of_host(session, host) if service_process.due],
        asked=asked,
    )


def hosts_with_old_processes(session: Session, certificate: Certificate) -> tuple[str, ...]:
    """Return the names of the hosts on which a process that was running at a count has not been replaced yet."""
    service_processes = store.still_registered(session, certificate.processes or ())
    return tuple(sorted({service_process.host_name for service_process in service_processes}))


def can_register(session: Session) -> bool:
    """Tell whether processes can be registered: a database may wait for its migrations."""
    return store.has_table(session)


def hosts_awaiting_replacement(session: Session) -> tuple[str, ...]:
    """Return the names of the hosts with a process that must still be replaced."""
    return tuple(sorted({all_process.host_name for all_process in store.all_processes(session) if all_process.due}))


def forget_host(session: Session, host_name: str) -> int:
    """Forget the processes of a host that is gone for good; return how many."""
    gone = [all_process.id for all_process in store.all_processes(session) if all_process.host_name == host_name]
    store.remove(session, gone)
    return len(gone)
