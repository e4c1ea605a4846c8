"""The demo, loaded once in each process that runs tests: it takes as long as a hundred other tests."""

import shutil
from pathlib import Path

import pytest

from app.store import course_lists
from app.web.shared import fragment_cache
from tests.cli.installations import service_app


@pytest.fixture(scope="session")
def loaded_demo(tmp_path_factory) -> Path:
    """The folder of an installation with the demo on SQLite. Copy it with `copied_demo`; nothing may write to it."""
    folder = tmp_path_factory.mktemp("loaded") / "instance"
    with service_app(folder, default_language="en") as app:
        loaded = app.test_cli_runner().invoke(args=["demo", "load"])
        assert loaded.exit_code == 0, loaded.output
    fragment_cache.CACHE.clear()
    course_lists._CACHE._made.clear()
    return folder


def copied_demo(loaded: Path, instance: Path) -> str:
    """Copy the demo to a folder that does not exist yet; return the address of its database."""
    shutil.copytree(loaded, instance)
    return f"sqlite:///{instance}/voimavara.db"
