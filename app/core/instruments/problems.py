"""What is wrong with a questionnaire file, said so that its writer can put it right."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault: the file, the line (from 1) and the reason with its remedy."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        """Return the fault as `file:line: reason`, as editors understand it."""
        return f"{self.file}:{self.line}: {self.reason}"


class InstrumentRefused(ValueError):
    """The file is no usable questionnaire; `problems` holds every fault found, in the file's order."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))
