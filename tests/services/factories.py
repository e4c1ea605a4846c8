"""A small region, a small questionnaire and rounds on them, laid out in a line each."""

from datetime import UTC, datetime, timedelta

from app.core.instruments import parse
from app.core.organisations import Municipality, Region, ReportingUnit
from app.core.rounds import KeyMode
from app.services import rounds

SECRET = b"a secret of this installation..."
OPENS = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CLOSES = datetime(2026, 11, 27, 18, 0, tzinfo=UTC)
AFTER = CLOSES + timedelta(hours=1)


def source(items=6, version="1"):
    """The source of a questionnaire of `items` items on a five-point scale."""
    lines = [
        'id = "small"',
        f'version = "{version}"',
        'languages = ["fi", "sv", "en"]',
        'licence = "own"',
        'source = "own"',
        'title = { fi = "Pieni", sv = "Liten", en = "Small" }',
        'introduction = { fi = "Alku", sv = "Början", en = "Beginning" }',
        "[options.agreement]",
        "first = 1",
        "labels = [" + ", ".join(f'{{ fi = "{n}", sv = "{n}", en = "{n}" }}' for n in "abcde") + "]",
        "[[groups]]",
        'id = "teachers"',
        'name = { fi = "Opettajat", sv = "Lärare", en = "Teachers" }',
        "[[groups]]",
        'id = "others"',
        'name = { fi = "Muut", sv = "Övriga", en = "Others" }',
    ]
    for number in range(items):
        if number % 6 == 0:
            lines += ["[[themes]]", f'id = "t{number}"', 'title = { fi = "Työ", sv = "Arbete", en = "Work" }']
        text = f'{{ fi = "Kysymys {number}.", sv = "Fråga {number}.", en = "Question {number}." }}'
        lines += ["[[themes.items]]", f'id = "q{number}"', 'options = "agreement"', f"text = {text}"]
    lines += [
        "[[scales]]",
        'id = "control"',
        'title = { fi = "Hallinta", sv = "Kontroll", en = "Control" }',
        'description = { fi = "Kuvaus", sv = "Beskrivning", en = "Description" }',
        'polarity = "high_is_good"',
        f"items = [{', '.join(repr(f'q{number}') for number in range(items))}]",
        "min_answered = 1",
        'scoring = "percent"',
        'dimension = "control"',
    ]
    return "\n".join(lines)


def region(**sizes):
    """A region of one municipality whose units have the given sizes."""
    units = tuple(
        ReportingUnit(name, name.title(), "town", (name,), {"teachers": size}) for name, size in sizes.items()
    )
    return Region("region", "Region", (Municipality("town", "Town"),), units)


def plan(session, *, key_mode=KeyMode.AUTOMATIC, items=6, **keywords):
    text = source(items)
    usual = {"title": "Autumn", "opens_at": OPENS, "closes_at": CLOSES, "key_mode": key_mode}
    return rounds.plan_round(session, instrument=parse(text, name="small"), source=text, **(usual | keywords))


def opened(session, keys, *, items=6, **sizes):
    """Return the number of an open round in automatic mode."""
    round_id = plan(session, items=items)
    area = region(**(sizes or {"alder": 12, "birch": 30}))
    rounds.open_round(session, round_id, now=OPENS, secret=SECRET, keys=keys, region=area)
    return round_id
