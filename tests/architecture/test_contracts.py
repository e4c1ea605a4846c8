"""The plan of the house, held against the code; and each contract broken once, so that none is asleep."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from app.config import ROOT

CONTRACTS = [
    contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
]

BREAKAGES = {
    "Floors: a module imports only from floors below its own": {
        "app/services/counting/__init__.py": "app.web.shared.app_context"
    },
    "Core floors: what is measured does not know what is made of it": {"app/core/accounts.py": "app.core.rounds"},
    "The two wings of the web do not know each other": {"app/web/respondent/blueprints.py": "app.web.staff.blueprints"},
    "The core is pure": {"app/core/rounds.py": "secrets"},
    "Codes and ballots never meet in the store": {"app/store/invitations.py": "app.store.boxes"},
    "Only rounds, answering, counting and the mark of the secret touch the boxes": {
        "app/store/organisations.py": "app.store.boxes"
    },
    "Only the vote of a meeting touches its boxes": {"app/store/organisations.py": "app.store.vote_boxes"},
    "Charts, courses and pages see publications, never ballots": {"app/web/staff/blueprints.py": "app.vault.boxes"},
    "SQLAlchemy stays in the store and in the services' signatures": {"app/jobs/__init__.py": "sqlalchemy"},
    "Matplotlib and Typst stay in render": {"app/web/staff/blueprints.py": "matplotlib"},
    "Services do not call services": {"app/services/counting/__init__.py": "app.services.answering"},
    "No circles anywhere": {"app/core/rounds.py": "app.core.audit", "app/core/audit.py": "app.core.rounds"},
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """A copy of the house that may be broken."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(
        ROOT / "app", folder / "app", ignore=shutil.ignore_patterns("__pycache__", "static", "translations")
    )
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint(folder: Path) -> tuple[int, str]:
    """Run the linter as the command line does; return its exit code and what it says."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200", "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_every_import_keeps_to_its_floor(copy):
    code, report = lint(copy)
    assert code == 0, report
    assert f"{len(CONTRACTS)} kept, 0 broken" in report


def test_each_contract_is_broken_once():
    assert set(BREAKAGES) == set(CONTRACTS)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_broken_contract_is_reported(contract, copy):
    whole = {copy / name: (copy / name).read_text() for name in BREAKAGES[contract]}
    for path, text in whole.items():
        path.write_text(f"{text}\nimport {BREAKAGES[contract][str(path.relative_to(copy))]}\n")
    try:
        code, report = lint(copy)
    finally:
        for path, text in whole.items():
            path.write_text(text)
    assert code == 1
    assert f"{contract} BROKEN" in report
