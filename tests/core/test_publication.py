import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.instruments import Polarity
from app.core.organisations import Municipality, Region, ReportingUnit
from app.core.publication import (
    Cell,
    DisclosureState,
    Distribution,
    Figure,
    InvalidPublication,
    Level,
    Measure,
    MeasureKind,
    Participation,
    Publication,
    Trend,
    digest,
    digest_of_json,
    from_json,
    to_json,
)
from app.core.publication.codec import DIGEST_CHUNK
from app.core.publication.json_writer import encode_object
from app.core.rounds import RoundId

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HERE = Cell(Level.COMMUNITY, "a")
REGION = Region("r", "Region", (Municipality("m", "M"),), (ReportingUnit("a", "A", "m", ("a",), {"teacher": 12}),))


def publication(**changes):
    values = {
        "round": RoundId(1),
        "title": "Autumn",
        "instrument": "wellbeing",
        "instrument_digest": "d" * 64,
        "counted_at": NOON,
        "region": REGION,
        "k": 10,
        "invited": 12,
        "issued": 12,
        "counted": 11,
        "participation": (Participation(HERE, DisclosureState.SHOWN, "10-14", "90-99", 12),),
        "figures": (Figure(HERE, "control", DisclosureState.SHOWN, mean=61.0, interval=(55.0, 67.0)),),
    }
    return Publication(**(values | changes))


numbers = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(max_size=20)
cells = st.builds(Cell, st.sampled_from(Level), texts, st.none() | texts)
pairs = st.tuples(numbers, numbers)
trends = st.builds(Trend, since=st.integers(1, 9).map(RoundId), difference=numbers, interval=pairs)
measures = st.builds(
    Measure,
    texts,
    st.sampled_from(MeasureKind),
    texts,
    st.sampled_from(Polarity),
    *[numbers] * 2,
    st.integers(),
    *[numbers] * 3,
)
distributions = st.builds(Distribution)
figures = st.builds(
    Figure,
    cells,
    texts,
    st.sampled_from(DisclosureState),
    trends=st.lists(trends, max_size=2).map(tuple),
    distribution=distributions,
)


parts = st.builds(
    Participation,
    cells,
    st.sampled_from(DisclosureState),
    st.none() | texts,
    st.none(),
    st.none(),
    silent_shift=st.none() | numbers,
)


def many(strategy):
    return st.lists(strategy, max_size=3).map(tuple)


publications = st.builds(
    Publication,
    round=st.integers(1, 9).map(RoundId),
    counted_at=st.datetimes(timezones=st.just(UTC)),
    closed_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    region=st.builds(
        Region,
        texts,
        texts,
        many(st.builds(Municipality)),
        many(
            st.builds(
                ReportingUnit, texts, texts, texts, many(texts), st.dictionaries(texts, st.integers(0, 99), max_size=3)
            )
        ),
    ),
    participation=many(parts),
    figures=many(figures),
    items=many(figures),
    measures=many(measures),
)


@given(publications)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_publication_survives_being_written_and_read(written):
    read = from_json(to_json(written))
    assert read == written
    assert to_json(read) == to_json(written)
    assert digest(read) == digest(written)


@given(publications)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_text_is_what_the_standard_library_would_write(written):
    text = to_json(written)
    assert json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False) == text


def test_parts_that_are_one_object_and_parts_that_are_equal_are_written_alike():
    pair = (55.0, 67.0)
    shared = Figure(HERE, "control", DisclosureState.SHOWN, mean=61.0, interval=pair, interval_conditions=pair)
    alone = replace(shared, cell=replace(HERE), interval_conditions=(float("55"), float("67")))
    assert to_json(publication(figures=(shared, shared))) == to_json(publication(figures=(shared, alone)))


def test_whole_numbers_are_written_as_decimals_where_decimals_are_declared():
    assert '"mean":61.0,"interval":[55.0,67.0]' in to_json(
        publication(figures=(Figure(HERE, "control", DisclosureState.SHOWN, mean=61, interval=(55, np.float64(67))),))
    )


@pytest.mark.parametrize("mean", [float("nan"), float("inf")])
def test_what_is_no_number_is_never_written(mean):
    with pytest.raises(ValueError, match="no number"):
        to_json(publication(figures=(Figure(HERE, "control", DisclosureState.SHOWN, mean=mean),)))


def test_a_part_whose_first_field_may_be_left_out_cannot_be_written():
    @dataclass
    class Part:
        unit: str = ""

    with pytest.raises(TypeError, match="begins with unit"):
        encode_object(Part("a"), Part)


def test_a_publication_of_another_format_is_refused_with_a_reason():
    text = json.dumps(json.loads(to_json(publication())) | {"format": 2})
    with pytest.raises(InvalidPublication, match="format 2; this version reads format 1"):
        from_json(text)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format":1}', "null"])
def test_what_is_no_publication_is_refused(text):
    with pytest.raises(InvalidPublication):
        from_json(text)


def test_an_unknown_part_is_refused():
    text = json.dumps(json.loads(to_json(publication())) | {"secret_answers": [1, 2]})
    with pytest.raises(InvalidPublication, match="secret_answers"):
        from_json(text)


def test_one_changed_figure_changes_the_digest():
    changed = publication(figures=(Figure(HERE, "control", DisclosureState.SHOWN, mean=62.0, interval=(55.0, 67.0)),))
    assert digest(changed) != digest(publication())


def test_a_long_text_is_sealed_as_one():
    long = "aä€𝄞" * DIGEST_CHUNK
    assert digest_of_json(long) == sha256(long.encode()).hexdigest()


def test_figures_are_found_by_cell_and_measure():
    one = publication()
    assert one.figure(HERE, "control") == one.figures[0]
    assert one.figure(HERE, "demands") is None
    assert one.disclosure_state_of(HERE) is DisclosureState.SHOWN
    assert one.disclosure_state_of(Cell(Level.COMMUNITY, "elsewhere")) is DisclosureState.WITHHELD
    assert one.scale_figures_in(HERE) == one.figures
