import pytest
from sqlalchemy import text

from app.store import secure_erase
from app.store.database import standalone_engine
from app.store.pg_statistics import UNSAMPLED
from app.store.secure_erase import EraseIncomplete, wipe_remnants
from tests.databases import both_databases

SNAPSHOT = {
    "sqlite": {"only_reads": True},
    "postgresql": {"isolation_level": "REPEATABLE READ"},
}


@both_databases
def test_wiping_waits_for_who_still_reads_an_old_state_and_says_so(database_kind, database_url, monkeypatch):
    monkeypatch.setattr(secure_erase, "_MAX_TENTHS", 2)
    engine = standalone_engine(database_url)
    reader = engine.connect().execution_options(**SNAPSHOT[database_kind])
    reader.execute(text("SELECT count(*) FROM box")).scalar()
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM box"))
        connection.execute(text("CREATE TABLE tried (n INTEGER)"))
    if database_kind == "sqlite":
        with engine.connect().execution_options(only_reads=True) as other:
            other.connection.driver_connection.execute("PRAGMA busy_timeout=100")
    with pytest.raises(EraseIncomplete):
        wipe_remnants(engine)
    reader.close()
    wipe_remnants(engine)
    wipe_remnants(engine)
    engine.dispose()


@pytest.mark.parametrize("database_kind", [pytest.param("postgresql", marks=pytest.mark.postgresql)])
@pytest.mark.parametrize("table", sorted({*UNSAMPLED, "job_run"}))
def test_every_table_whose_rows_are_erased_is_written_into_a_new_file(database_url, table):
    engine = standalone_engine(database_url)

    def file():
        with engine.connect() as connection:
            return connection.execute(text("SELECT pg_relation_filenode(:it)"), {"it": table}).scalar()

    before = file()
    wipe_remnants(engine)
    assert file() != before
    engine.dispose()
