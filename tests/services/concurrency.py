"""Two people at the same moment: what the second does begins before what the first does is committed."""

from concurrent.futures import Future, ThreadPoolExecutor, wait

from app.store.database import write_session

WHILE = 0.5


def meanwhile(app, first, second) -> tuple[bool, Future]:
    """Do `first`; before it is committed begin `second` in another thread.

    Return whether `second` waited, and what became of it.
    """

    def other():
        with app.app_context(), write_session() as own:
            return second(own)

    with ThreadPoolExecutor(1) as threads:
        with write_session() as own:
            first(own)
            begun = threads.submit(other)
            waited = not wait([begun], timeout=WHILE).done
        begun.exception(timeout=30)
        return waited, begun
