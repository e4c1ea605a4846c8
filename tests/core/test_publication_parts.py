"""A publication in parts is the same publication: nothing is lost, and its header's digest seals every part."""

import json
import random
from dataclasses import replace

import pytest

from app.core.errors import PublicationSealMismatch
from app.core.publication import (
    InvalidPublication,
    LazyPublication,
    Level,
    digest,
    digest_of_json,
    from_json,
    split_publication,
    split_publication_json,
    to_json,
)
from app.core.publication.parts import join_parts, join_texts, part_lookup, read_header, read_part
from tests.publications import made


@pytest.fixture(scope="module")
def first():
    return made(1)


@pytest.fixture(scope="module")
def second(first):
    return made(2, lift=0.2, earlier=(first,), days=200)


def joined(sealed):
    return join_texts(sealed.header, [part.text for part in sealed.parts])


class Texts:
    """A source of a lazy publication in memory, which notes what is read."""

    def __init__(self, sealed):
        self.sealed = sealed
        self.read = []

    def header(self):
        return read_header(self.sealed.header)

    def lookup(self, header, entry):
        self.read.append(entry.key)
        return part_lookup(self.sealed.parts[header.places[entry.key]].text)

    def prefetch(self, entries):
        self.read += [entry.key for entry in entries]

    def load_whole_publication(self, header):
        self.read.append("whole")
        return join_parts(header, [read_part(part.text) for part in self.sealed.parts])


def lazy(publication):
    sealed = split_publication(publication)
    source = Texts(sealed)
    return source, LazyPublication.create(sealed.digest, source, unit_count=publication.unit_count, known={})


def test_the_very_text_can_be_joined_from_header_and_parts(first, second):
    for publication in (first, second):
        sealed = split_publication(publication)
        assert joined(sealed) == to_json(publication)
        assert split_publication_json(to_json(publication)) == sealed
        assert digest_of_json(sealed.header) == sealed.digest != digest(publication)


def test_lists_in_any_order_are_joined_in_that_order(first):
    chance = random.Random(5)
    lists = ("participation", "figures", "items", "quadrants", "balances")
    mixed = {name: tuple(chance.sample(getattr(first, name), len(getattr(first, name)))) for name in lists}
    text = to_json(replace(first, **mixed))
    assert joined(split_publication_json(text)) == text
    assert from_json(joined(split_publication(replace(first, **mixed)))) == replace(first, **mixed)


def test_there_is_a_part_for_the_region_each_municipality_and_each_community_and_each_holds_its_own(first):
    sealed = split_publication(first)
    area = first.region
    expected = [(Level.REGION, area.id)]
    expected += [(Level.MUNICIPALITY, municipality.id) for municipality in area.municipalities]
    expected += [(Level.COMMUNITY, unit.id) for unit in area.units]
    assert [(part.level, part.unit) for part in sealed.parts] == expected
    for part in sealed.parts:
        plain = json.loads(part.text)
        elements = [element for name in plain if isinstance(plain[name], list) for element in plain[name]]
        places = {(element["cell"]["level"], element["cell"]["unit"]) for element in elements}
        assert places == {(part.level, part.unit)}
        assert part.digest in sealed.header


def test_every_changed_figure_changes_the_digest_of_the_header(first):
    before = split_publication(first)
    for index in range(0, len(first.figures), 11):
        figures = list(first.figures)
        figures[index] = replace(figures[index], mean=(figures[index].mean or 0.0) + 1)
        after = split_publication(replace(first, figures=tuple(figures)))
        assert after.digest != before.digest
        changed = [part.unit for part, other in zip(before.parts, after.parts, strict=True) if part != other]
        assert changed == [figures[index].cell.unit]


@pytest.mark.slow
def test_a_lazy_publication_says_the_same_as_the_whole_one(second):
    source, read = lazy(second)
    assert read.cells == second.cells
    assert (read.region, read.measures, read.kind, read.impact) == (
        second.region,
        second.measures,
        second.kind,
        second.impact,
    )
    for cell in second.cells:
        assert read.scale_figures_in(cell) == second.scale_figures_in(cell)
        assert read.item_figures_in(cell) == second.item_figures_in(cell)
        assert read.participation_of(cell) == second.participation_of(cell)
        assert read.quadrants_of(cell) == second.quadrants_of(cell)
        assert read.balance_of(cell) == second.balance_of(cell)
        assert read.has_results(cell) == second.has_results(cell)
        for measure in second.measures:
            assert read.figure(cell, measure.id) == second.figure(cell, measure.id)
            if cell.level is Level.COMMUNITY and measure in second.scales:
                assert read.sort_estimate_of(cell.unit, measure.id) == second.sort_estimate_of(cell.unit, measure.id)
                assert read.mean_of(cell.unit, measure.id) == second.mean_of(cell.unit, measure.id)
    assert "whole" not in source.read
    assert read.load_completely() == second
    assert read == second
    assert second == read
    assert read.figures == second.figures
    assert replace(read, title="Other") == replace(second, title="Other")


def test_a_lazy_publication_reads_the_parts_that_are_asked_for_and_no_other(first):
    source, read = lazy(first)
    assert read.title == first.title
    assert [read.has_results(cell) for cell in read.cells if cell.group is None]
    assert read.has_items
    assert source.read == []
    pine = next(cell for cell in first.cells if cell.unit == "pine")
    assert read.figure(pine, first.scales[0].id) == first.figure(pine, first.scales[0].id)
    assert read.disclosure_state_of(replace(pine, unit="unknown")) == first.disclosure_state_of(
        replace(pine, unit="unknown")
    )
    assert source.read == [(Level.COMMUNITY, "pine")]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format":1}', '{"format":2}', '{"format":2,"parts":[{}]}'])
def test_other_texts_are_no_header(text):
    with pytest.raises(InvalidPublication):
        read_header(text)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"level":"community"}', '{"level":"moon","unit":"pine"}'])
def test_other_texts_are_no_part(text):
    with pytest.raises(InvalidPublication):
        read_part(text)


def test_a_text_that_would_not_be_joined_byte_by_byte_is_not_split(first):
    with pytest.raises(InvalidPublication):
        split_publication_json(json.dumps(json.loads(to_json(first))))


def test_a_broken_seal_names_round_and_place():
    error = PublicationSealMismatch(4, "community pine", "was changed")
    assert str(error) == "The publication of round 4 does not match its seal: community pine was changed."
