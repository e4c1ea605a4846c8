"""How everything here is measured: processor time, the quietest of several runs, beside a floor of the same run.

Other programs may share the machine. They lengthen the clock's time much and processor time little; so what
is compared runs in turns, and of each the least is taken.
"""

import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure: its floor if it has one, and the target, as a value or in times the floor."""

    what: str
    value: float
    unit: str
    floor: float | None = None
    most: float | None = None
    most_times: float | None = None
    least_times: float | None = None

    @property
    def times(self) -> float | None:
        """How many times the floor the figure is."""
        return self.value / self.floor if self.floor else None

    @property
    def used(self) -> float | None:
        """How much of what its strictest target allows the figure uses, 1 for all of it; None without a target."""
        shares = []
        if self.most is not None:
            shares.append(self.value / self.most)
        if self.most_times is not None:
            shares.append(self.times / self.most_times)
        if self.least_times is not None:
            shares.append(self.least_times / self.times)
        return max(shares, default=None)

    @property
    def met(self) -> bool | None:
        """Whether every target is met; None where there is none."""
        return None if self.used is None else self.used <= 1

    @property
    def target(self) -> str:
        """The target in words."""
        said = []
        if self.most is not None:
            said.append(f"< {self.most:g} {self.unit}")
        if self.most_times is not None:
            said.append(f"≤ {self.most_times:g} × floor")
        if self.least_times is not None:
            said.append(f"≥ {self.least_times:g} × floor")
        return ", ".join(said)


def processor(work: Callable[[], object]) -> float:
    """Return the seconds of this process's processor time that a piece of work takes."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def quietest(*works: Callable[[], float], turns: int = 5) -> tuple[float, ...]:
    """Let each work measure itself, turn by turn; return the least that each found."""
    found = [[work() for work in works] for _ in range(turns)]
    return tuple(map(min, zip(*found, strict=True)))


@dataclass(frozen=True, slots=True)
class Cost:
    """What a work in a process of its own returned, its processor seconds, and its most memory in megabytes."""

    result: object
    seconds: float
    megabytes: float


def apart(work: Callable[..., object], *arguments: object) -> Cost:
    """Do a work in a fresh process, so that its memory is its own; what it starts itself is counted too."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        return processes.submit(_costed, work, arguments).result()


def _costed(work: Callable[..., object], arguments: tuple[object, ...]) -> Cost:
    before = _used()
    result = work(*arguments)
    of_children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return Cost(result, _used() - before, max(most_megabytes("self"), of_children))


def most_megabytes(process: int | str) -> float:
    """Return the most memory that a process has had since its program was started.

    `ru_maxrss` would be at least what the process had that started it: it outlives the start of a program.
    """
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def _used() -> float:
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, kinds))
