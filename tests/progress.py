"""One line of progress in place of a sign for each test: how many are done, how many failed, how long it took.

On a terminal the line is written over; elsewhere, in the log of a build for instance, a line follows at each tenth.
"""

import time

import pytest

TENTHS = 10
REDRAW_SECONDS = 0.2


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--progress`."""
    parser.addoption("--progress", action="store_true", help="show one line of progress in place of a dot a test")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Put the line in the place of the dots; a worker of several has no line of its own."""
    if config.getoption("--progress") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Progress(config), "progress")


class Progress:
    """Counts the tests that are done and shows the count."""

    def __init__(self, config: pytest.Config) -> None:
        self._out = config.get_terminal_writer()
        self._is_terminal = self._out._file.isatty()
        self._begun = time.monotonic()
        self._drawn = 0.0
        self._told = 0
        self._all = 0
        self._done: set[str] = set()
        self._failed = 0

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Keep the names of files from the line, where one process runs the tests."""
        session.config.pluginmanager.getplugin("terminalreporter").showfspath = False

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Learn how many tests there are, where this process runs them itself."""
        self._all = len(items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: object, ids: list[str]) -> None:
        """Learn how many tests there are, where other processes run them."""
        self._all = len(ids)

    @pytest.hookimpl(wrapper=True)
    def pytest_report_teststatus(self, report: pytest.TestReport):
        """Give every outcome an empty sign; the summary at the end still counts and names each."""
        category, _sign, word = yield
        return category, "", word if category in {"failed", "error"} else ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count one report and show the line anew."""
        self._failed += report.failed
        if report.when == "teardown":
            self._done.add(report.nodeid)
            self._show()

    def pytest_sessionfinish(self) -> None:
        """End the line."""
        if self._is_terminal:
            self._write(end="\n")

    def line(self) -> str:
        """Return the line."""
        seconds = int(time.monotonic() - self._begun)
        took = f"{seconds // 60}:{seconds % 60:02d}"
        failed = f", {self._failed} failed" if self._failed else ""
        return f"{len(self._done)} of {self._all} tests{failed}, {took}"

    def _show(self) -> None:
        if self._is_terminal:
            if time.monotonic() - self._drawn >= REDRAW_SECONDS:
                self._drawn = time.monotonic()
                self._write()
            return
        tenth = len(self._done) * TENTHS // max(self._all, 1)
        if tenth > self._told:
            self._told = tenth
            self._write(start="", end="\n")

    def _write(self, *, start: str = "\r", end: str = "") -> None:
        self._out.write(f"{start}{self.line()}{end}", flush=True)
