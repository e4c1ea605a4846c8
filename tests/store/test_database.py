from sqlalchemy import text

from tests.databases import both_databases


@both_databases
def test_each_test_has_a_database_of_its_own(session, database_kind):
    assert session.get_bind().dialect.name == database_kind
    session.execute(text("CREATE TABLE mine (id INTEGER)"))
    session.commit()


@both_databases
def test_nothing_is_left_by_another_test(session):
    session.execute(text("CREATE TABLE mine (id INTEGER)"))
    session.commit()
