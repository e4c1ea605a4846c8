"""Check the import contracts, and break each contract once to see that it is reported."""

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
    "Layers: a module imports only from layers below": {
        "app/services/counting/__init__.py": "app.web.shared.app_context"
    },
    "Core layers: a module of the core imports only from core layers below": {
        "app/core/accounts.py": "app.core.rounds"
    },
    "Respondent, staff and interface areas do not import each other": {
        "app/web/respondent/blueprints.py": "app.web.staff.blueprints"
    },
    "Core: no framework, clock, randomness or file access": {"app/core/rounds.py": "secrets"},
    "Store: modules of codes and of ballots do not import each other": {"app/store/invitations.py": "app.store.boxes"},
    "Ballot boxes: only rounds, answering, counting and secret_match import them": {
        "app/store/organisations.py": "app.store.boxes"
    },
    "Vote boxes: only the votes service imports them": {"app/store/organisations.py": "app.store.vote_boxes"},
    "Charts, matching, reports and web read publications, never ballots": {
        "app/web/staff/blueprints.py": "app.vault.boxes"
    },
    "SQLAlchemy is not imported in core, render, reports, jobs and web": {"app/jobs/__init__.py": "sqlalchemy"},
    "Matplotlib and Typst are imported only in render": {"app/web/staff/blueprints.py": "matplotlib"},
    "Services do not import each other": {"app/services/counting/__init__.py": "app.services.answering"},
    "No import cycles": {"app/core/rounds.py": "app.core.audit", "app/core/audit.py": "app.core.rounds"},
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """Return a copy of the code that a test may break."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(
        ROOT / "app", folder / "app", ignore=shutil.ignore_patterns("__pycache__", "static", "translations")
    )
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint(folder: Path) -> tuple[int, str]:
    """Run the linter as the command line does; return its exit code and its output."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200", "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_every_import_keeps_the_contracts(copy):
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
