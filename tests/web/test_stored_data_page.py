import re

import pytest

from app.core.ballots import ballot_size
from app.services import answering
from app.store import schema_docs
from app.store.database import Base
from app.vault.boxes import slot_size
from tests.conftest import NOON
from tests.web.open_round import open_round, own_secret


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_every_table_and_every_column_that_is_there_stands_on_the_page(visitor, language):
    visitor.get(f"/{language}/stored")
    page = visitor.response.text
    for name, table in Base.metadata.tables.items():
        assert f">{name}<" in page or f">{name}." in page, name
        for column in table.columns:
            assert f"{name}.{column.name}<" in page or re.search(rf"[ (]{column.name}[,)]", page), column


def undocumented_tables_and_columns():
    """Return the tables, and columns that concern respondents, without a purpose."""
    described = schema_docs.table_docs()
    return [
        *(table.name for table in described if table.purpose is None),
        *(
            f"{table.name}.{column}"
            for table in described
            if table.name in schema_docs.OF_RESPONDENTS
            for column, purpose in table.columns
            if purpose is None
        ),
    ]


def test_every_table_and_every_column_of_respondents_is_described():
    """Whoever adds a table tells its purpose in `app/store/stored.toml`."""
    assert undocumented_tables_and_columns() == []


def test_a_table_and_a_column_without_a_description_are_noticed(monkeypatch):
    silent = schema_docs.TableDoc("box", None, (("blob", None),))
    monkeypatch.setattr(schema_docs, "table_docs", lambda: (silent,))
    assert undocumented_tables_and_columns() == ["box", "box.blob"]


def test_nothing_is_described_that_is_not_there():
    told = schema_docs.tomllib.loads(schema_docs.SOURCE.read_text(encoding="utf-8"))
    columns = {f"{name}.{column.name}" for name, table in Base.metadata.tables.items() for column in table.columns}
    bare = {name.partition(".")[2] for name in columns}
    assert set(told["tables"]) <= set(Base.metadata.tables)
    assert {name for name in told["columns"] if name not in columns | bare} == set()


def test_the_boxes_on_the_page_are_the_real_ones_and_do_not_change(app, session, visitor):
    _, codes = open_round(app, session, alder=24, birch=7, comments=True)
    visitor.get("/en/stored")
    before = visitor.response.text
    size = (24 + 7) * slot_size(ballot_size(28)) + 2 * 40
    assert f"Boxes: 2. Slots: 31. Bytes in all: {size:,}." in before
    answering.submit(
        session, codes["alder"][0], ratings={}, group=None, comment="words", secret=own_secret(app), now=NOON
    )
    session.commit()
    visitor.get("/en/stored")
    assert visitor.response.text == before
