"""Migration revisions: that of the database, and the newest one."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from app.lazy import lazy_module
from app.store.database import Session

if TYPE_CHECKING:
    from alembic import config as alembic_config
    from alembic import migration, script
else:
    alembic_config = lazy_module("alembic.config")
    migration = lazy_module("alembic.migration")
    script = lazy_module("alembic.script")


@lru_cache(maxsize=4)
def head_revision(folder: Path) -> str | None:
    """Return the newest revision in a migrations folder."""
    return _scripts(folder).get_current_head()


def is_known(folder: Path, number: str) -> bool:
    """Tell whether a migrations folder contains a revision."""
    return number in {walk_revision.revision for walk_revision in _scripts(folder).walk_revisions()}


def _scripts(folder: Path) -> "script.ScriptDirectory":
    config = alembic_config.Config()
    config.set_main_option("script_location", str(folder))
    return script.ScriptDirectory.from_config(config)


def current_revision(session: Session) -> str | None:
    """Return the revision of the session's database, or None."""
    return revision_of_connection(session.connection())


def revision_of_connection(connection: Connection) -> str | None:
    """Return the revision of a connection's database, or None; the transaction is the caller's."""
    return migration.MigrationContext.configure(connection).get_current_revision()
