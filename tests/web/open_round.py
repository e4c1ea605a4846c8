"""An open round of the service's own questionnaire, and the codes to answer it."""

from datetime import timedelta
from pathlib import Path

from app.config import ROOT
from app.core.organisations import Municipality, Region, ReportingUnit
from app.core.rounds import KeyMode, RoundKind
from app.services import answering, rounds
from app.services.answering import InvalidCode
from app.store.instruments import read_questionnaire_file
from tests.conftest import NOON

WELLBEING = ROOT / "surveys" / "wellbeing.toml"
CLOSES = NOON + timedelta(days=10)


def own_secret(app):
    return app.extensions["voimavara"].secret


def open_round(app, session, *, questionnaire=WELLBEING, comments=False, **sizes):
    """Open a round and return each unit's codes."""
    units = tuple(
        ReportingUnit(name, f"{name.title()} School", "town", (name,), {"teachers": size})
        for name, size in sizes.items()
    )
    region = Region("region", "Region", (Municipality("town", "Town"),), units)
    number = rounds.plan_round(
        session,
        title="Autumn survey",
        instrument=read_questionnaire_file(questionnaire),
        source=Path(questionnaire).read_text(encoding="utf-8"),
        opens_at=NOON - timedelta(days=1),
        closes_at=CLOSES,
        key_mode=KeyMode.AUTOMATIC,
        kind=RoundKind.SURVEY,
        comments=comments,
    )
    keys = app.extensions["voimavara"].settings.keys
    keys.mkdir(parents=True, exist_ok=True)
    rounds.open_round(session, number, now=NOON, secret=own_secret(app), keys=keys, region=region)
    codes = {
        unit.id: rounds.issue_slip_codes(session, number, unit.id, secret=own_secret(app), now=NOON) for unit in units
    }
    session.commit()
    return number, codes


def begin(visitor, code, **filled):
    visitor.get("/en/")
    visitor.press("Continue", **({"code": code} | filled))
    visitor.press("Begin")


def radios(visitor):
    return sorted({tag["name"] for tag in visitor.page.all("input") if tag["type"] == "radio"})


def to_check(visitor, sign="3"):
    while "Check your answers" not in visitor.page.title:
        visitor.press("Continue", **{name: sign if name != "group" else "0" for name in radios(visitor)})


def is_unspent(app, session, code):
    try:
        answering.resolve_code(session, code, secret=own_secret(app), now=NOON)
    except InvalidCode:
        return False
    return True
