"""Replace service processes that handled a round, so that form data in their memory is gone.

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
    "forget_host",
    "hosts_awaiting_replacement",
    "hosts_with_processes_running_since_count",
    "processes_of_host",
    "register_process",
    "set_replacement_requested",
    "unregister_ended",
]

Lives = Callable[[str], bool]


def register_process(
    session: Session, *, host: str, host_name: str, process: str, due: bool, lives: Lives
) -> ServiceProcess:
    """Register a process that is about to serve, and remove the ended processes of its host.

    `due` marks it for replacement at once: it has served before it could be registered.
    """
    unregister_ended(session, host=host, lives=lives)
    service_process = ServiceProcess(secrets.token_hex(16), host, host_name[:100], process, due=due)
    store.add(session, service_process)
    return service_process


def unregister_ended(session: Session, *, host: str, lives: Lives) -> int:
    """Forget the processes of a host that have ended; return how many."""
    ended = [
        service_process.id
        for service_process in store.processes_of_host(session, host)
        if not lives(service_process.process)
    ]
    store.remove(session, ended)
    return len(ended)


def processes_of_host(session: Session, host: str) -> tuple[ServiceProcess, ...]:
    """Return the registered processes of a host, in the order in which they are replaced."""
    return store.processes_of_host(session, host)


def set_replacement_requested(session: Session, host: str, *, asked: bool) -> None:
    """Record whether the server of a host was asked to replace all of its processes that are due for it."""
    store.set_replacement_requested(
        session,
        [service_process.id for service_process in store.processes_of_host(session, host) if service_process.due],
        asked=asked,
    )


def hosts_with_processes_running_since_count(session: Session, certificate: Certificate) -> tuple[str, ...]:
    """Return the names of the hosts on which a process that was running at a count has not been replaced yet."""
    service_processes = store.processes_still_registered(session, certificate.processes or ())
    return tuple(sorted({service_process.host_name for service_process in service_processes}))


def can_register(session: Session) -> bool:
    """Tell whether processes can be registered: a database may wait for its migrations."""
    return store.has_processes_table(session)


def hosts_awaiting_replacement(session: Session) -> tuple[str, ...]:
    """Return the names of the hosts with a process that must still be replaced."""
    return tuple(sorted({all_process.host_name for all_process in store.all_processes(session) if all_process.due}))


def forget_host(session: Session, host_name: str) -> int:
    """Forget the processes of a host that is gone for good; return how many."""
    gone = [all_process.id for all_process in store.all_processes(session) if all_process.host_name == host_name]
    store.remove(session, gone)
    return len(gone)
