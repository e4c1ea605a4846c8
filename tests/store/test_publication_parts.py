"""Publications in parts at rest: a page reads the parts that it shows, and whoever changes one is noticed."""

from dataclasses import replace
from threading import Thread

import flask_migrate
import pytest
from sqlalchemy import delete, insert, select, text, update

from app.core.errors import PublicationSealMismatch
from app.core.publication import Cell, Level, digest_of_json, split_publication, to_json
from app.core.rounds import KeyMode
from app.store import publication_parts, publication_seals, publications, rounds
from app.store.database import database, read_session, write_session
from app.store.publication_parts import PublicationPartRow
from app.store.publication_seals import SealFault, SealProblem
from app.store.publications import PublicationRow
from tests.databases import both_databases
from tests.migrations.test_installation import old_house
from tests.publications import NOON, made, store

__all__ = ["old_house"]
PINE = Cell(Level.COMMUNITY, "pine")
FIR = Cell(Level.COMMUNITY, "fir")
OF_PINE = PublicationPartRow.unit_id == "pine"


@pytest.fixture(scope="module")
def survey():
    return made(1)


@pytest.fixture
def stored(app, survey):
    with write_session() as session:
        return store(session, survey)


def forget():
    for cache in (publications._LAZY, publication_parts._HEADERS, publication_parts._LOOKUPS):
        cache.clear()


def change(statement):
    with write_session() as session:
        session.execute(statement)
    forget()


def with_raised_mean(survey):
    """The survey with the means of one community raised, well-formed."""
    figures = tuple(
        replace(figure, mean=99.0) if figure.cell == PINE and figure.mean is not None else figure
        for figure in survey.figures
    )
    return replace(survey, figures=figures)


def changed_part(survey):
    """The part of that community."""
    return next(part for part in split_publication(with_raised_mean(survey)).parts if part.unit == "pine")


def problems(**options):
    with read_session() as session:
        return publication_seals.all_seal_problems(session, **options)


def read(number):
    with read_session() as session:
        return publications.find_including_replaced(session, number)


@both_databases
def test_what_was_stored_is_read_again(stored):
    forget()
    publication = read(stored.round)
    assert publication == stored
    with read_session() as session:
        assert publications.publication_json(session, stored.round) == to_json(stored)
    assert problems(join=True) == ()


@both_databases
def test_a_changed_part_is_refused_and_the_others_are_still_read(stored, survey):
    change(update(PublicationPartRow).where(OF_PINE).values(content=changed_part(survey).text))
    publication = read(stored.round)
    with pytest.raises(PublicationSealMismatch) as refused:
        publication.scale_figures_in(PINE)
    assert refused.value.place == "community pine"
    with pytest.raises(PublicationSealMismatch):
        publication.load_completely()
    assert publication.scale_figures_in(FIR) == stored.scale_figures_in(FIR)
    assert problems() == (SealProblem(stored.round, SealFault.PART_CHANGED, "community pine"),)


def test_a_missing_part_is_noticed(stored):
    change(delete(PublicationPartRow).where(OF_PINE))
    with pytest.raises(PublicationSealMismatch) as refused:
        read(stored.round).scale_figures_in(PINE)
    assert refused.value.problem == "is missing"
    assert problems() == (SealProblem(stored.round, SealFault.PART_MISSING, "community pine"),)


def test_parts_that_changed_places_are_noticed(stored):
    with write_session() as session:
        texts = {unit: text for _level, unit, text in publication_parts.iterate_part_texts(session, stored.round)}
        for unit, other in (("pine", "fir"), ("fir", "pine")):
            row = update(PublicationPartRow).where(PublicationPartRow.unit_id == unit)
            session.execute(row.values(content=texts[other]))
    forget()
    for cell in (PINE, FIR):
        with pytest.raises(PublicationSealMismatch):
            read(stored.round).scale_figures_in(cell)


def test_a_part_that_was_added_is_noticed_and_never_read(stored, survey):
    part = changed_part(survey)
    row = {"round_id": stored.round, "level": "community", "unit_id": "ghost", "content": part.text}
    change(insert(PublicationPartRow).values(row))
    assert read(stored.round).scale_figures_in(Cell(Level.COMMUNITY, "ghost")) == ()
    assert problems() == (SealProblem(stored.round, SealFault.PART_ADDED, "community ghost"),)


def test_a_changed_header_is_refused(stored):
    with read_session() as session:
        content = publications.header_or_whole_json(session, stored.round)
    change(update(PublicationRow).values(content=content.replace('"k":10', '"k":11')))
    with pytest.raises(PublicationSealMismatch) as refused:
        assert read(stored.round).k
    assert refused.value.place == "header"
    assert problems() == (SealProblem(stored.round, SealFault.HEADER_CHANGED),)


def certified(number, digest):
    with write_session() as session:
        certificate = rounds.Certificate(
            round=number,
            invited=1,
            issued=1,
            drawn=1,
            counted=1,
            unreadable=0,
            counted_at=NOON,
            key_mode=KeyMode.AUTOMATIC,
            publication_digest=digest,
            erased_boxes=0,
            erased_codes=0,
            erased_contacts=0,
        )
        rounds.set_certificate_and_wiped_flag(session, certificate)


def test_who_seals_changed_results_anew_is_betrayed_by_the_certificate(stored, survey):
    """Header, digest and part are changed together, by somebody who can write every row but not the printed paper."""
    certified(stored.round, split_publication(stored).digest)
    assert problems() == ()
    part = changed_part(survey)
    sealed = split_publication(with_raised_mean(stored))
    change(update(PublicationRow).values(content=sealed.header, digest=sealed.digest))
    change(update(PublicationPartRow).where(OF_PINE).values(content=part.text))
    assert read(stored.round).scale_figures_in(PINE)[0].mean == 99.0
    assert problems() == (SealProblem(stored.round, SealFault.OTHER_CERTIFICATE),)


@pytest.mark.parametrize(("column", "value"), [("kind", "pulse"), ("title", "Other"), ("unit_count", 3)])
def test_a_changed_column_of_the_lists_is_noticed(stored, column, value):
    change(update(PublicationRow).values({column: value}))
    assert problems() == (SealProblem(stored.round, SealFault.COLUMN_CHANGED, column),)


def test_the_commands_tell_where_a_seal_is_broken(app, stored, survey):
    runner = app.test_cli_runner()
    whole = runner.invoke(args=["results", "verify"])
    assert (whole.exit_code, whole.output.split(":")[0]) == (0, f"round {stored.round}")
    assert split_publication(stored).digest in whole.output
    change(update(PublicationPartRow).where(OF_PINE).values(content=changed_part(survey).text))
    found = runner.invoke(args=["results", "verify", str(stored.round)])
    assert found.exit_code == 1
    assert f"round {stored.round}: the part community pine was changed." in found.output
    assert "1 publications are not as they were sealed" in found.output
    assert runner.invoke(args=["results", "verify", "77"]).exit_code == 1
    forget()
    refused = runner.invoke(args=["results", "export", str(stored.round)])
    assert refused.exit_code == 1 and "results verify names every such place" in refused.output


@both_databases
def test_a_community_is_read_with_its_own_part_and_a_reader_of_all_gets_many_at_once(stored, monkeypatch):
    forget()
    queries = []
    find = publication_parts._texts_of

    def watched(session, round_id, entries):
        queries.append([entry.unit for entry in entries])
        return find(session, round_id, entries)

    monkeypatch.setattr(publication_parts, "_texts_of", watched)
    publication = read(stored.round)
    assert publication.title == stored.title
    assert queries == []
    publication.scale_figures_in(FIR)
    publication.scale_figures_in(PINE)
    assert queries == [["fir"], ["pine"]]
    for unit in stored.region.units:
        publication.scale_figures_in(Cell(Level.COMMUNITY, unit.id))
    assert len(queries) < 5
    assert sorted({unit for some in queries for unit in some}) == sorted(unit.id for unit in stored.region.units)


@both_databases
def test_a_publication_of_the_first_day_is_split_and_its_old_seal_stays_checkable(old_house):
    with database.engine.connect() as connection:
        before = connection.execute(text("SELECT digest, content FROM publication")).one()
    flask_migrate.upgrade()
    with read_session() as session:
        row = session.scalars(select(PublicationRow)).one()
        assert row.sealed_as == before.digest == digest_of_json(before.content)
        assert row.digest == digest_of_json(row.content) != before.digest
        assert publications.publication_json(session, row.round_id) == before.content
        assert publications.seals_by_round(session) == {row.round_id: before.digest}
    assert problems(join=True) == ()


def test_a_publication_that_was_changed_before_it_was_split_gets_no_new_seal(old_house):
    with database.engine.begin() as connection:
        query = text("UPDATE publication SET content = replace(content, :before, :after)")
        connection.execute(query, {"before": '"k":10', "after": '"k":11'})
    flask_migrate.upgrade()
    number = 1
    assert problems() == (SealProblem(number, SealFault.HEADER_CHANGED),)
    with pytest.raises(PublicationSealMismatch):
        read(number)


def test_a_publication_of_today_goes_down_whole_and_up_again_as_it_was(old_house, survey):
    flask_migrate.upgrade()
    with write_session() as session:
        stored = store(session, survey)
    database.session.remove()
    flask_migrate.downgrade(revision="0017")
    with database.engine.connect() as connection:
        query = text("SELECT digest, content FROM publication WHERE round_id = :n")
        row = connection.execute(query, {"n": stored.round}).one()
    assert row.content == to_json(stored)
    assert row.digest == digest_of_json(row.content)
    flask_migrate.upgrade()
    forget()
    assert read(stored.round) == stored
    with read_session() as session:
        assert session.get_one(PublicationRow, stored.round).digest == split_publication(stored).digest
    assert problems(join=True) == ()


def test_a_publication_is_read_outside_an_application_too(stored):
    """Each thread or command may hold one for longer than the context in which it was found."""
    publication = read(stored.round)
    forget()
    found = []
    thread = Thread(target=lambda: found.append(publication.scale_figures_in(PINE)))
    thread.start()
    thread.join()
    assert found == [stored.scale_figures_in(PINE)]
