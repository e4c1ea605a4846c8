from pathlib import Path

import pytest

from app.core.rounds import RoundError
from app.services import rounds
from app.store.instruments import read_questionnaire_file
from tests.services.factories import CLOSES, OPENS, SECRET, region

WHO_5 = Path(__file__).parents[2] / "surveys" / "keys" / "who_5.toml"


def test_no_round_is_opened_with_a_questionnaire_that_lacks_its_sentences(session, tmp_path):
    source = WHO_5.read_text(encoding="utf-8")
    round_id = rounds.plan_round(
        session,
        title="Autumn",
        instrument=read_questionnaire_file(WHO_5),
        source=source,
        opens_at=OPENS,
        closes_at=CLOSES,
    )
    with pytest.raises(RoundError, match=r"lacks_sentences \(items=item q1, item q2"):
        rounds.open_round(session, round_id, now=OPENS, secret=SECRET, keys=tmp_path, region=region(alder=12))
