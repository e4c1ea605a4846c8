from copy import deepcopy

import pytest

from app.config import ROOT
from app.core.catalogue import DIMENSIONS
from app.core.languages import Language
from app.core.meetings import InvalidGuide, ProjectorView, read_guide
from app.core.meetings.guides import REPORT_KINDS
from app.store.meeting_guides import _read, load_meeting_guide

SURVEYS = ROOT / "surveys"
GUIDE = load_meeting_guide(SURVEYS)


@pytest.fixture
def files():
    return deepcopy(_read(SURVEYS, "agendas")), deepcopy(_read(SURVEYS, "prompts"))


def test_there_are_agendas_of_three_lengths_whose_steps_add_up():
    assert [agenda.minutes for agenda in GUIDE.agendas] == [45, 75, 90]
    for agenda in GUIDE.agendas:
        assert sum(stage.minutes for stage in agenda.items) == agenda.minutes
        assert agenda.start_minutes[0] == 0
        assert agenda.start_minutes[-1] + agenda.items[-1].minutes == agenda.minutes


def test_every_agenda_lets_staff_talk_longer_than_they_listen_and_ends_in_a_decision():
    for agenda in GUIDE.agendas:
        ids = [stage.id for stage in agenda.items]
        told = sum(stage.minutes for stage in agenda.items if stage.id in {"answered", "results"})
        talked = sum(stage.minutes for stage in agenda.items if stage.who.value in {"everyone", "groups"})
        assert talked > told
        assert ids.index("vote") < ids.index("decisions")


def test_every_dimension_has_three_questions_for_every_kind_of_result():
    for report_kind in REPORT_KINDS:
        for dimension in (*DIMENSIONS, None):
            asked = GUIDE.discussion_questions(report_kind, dimension)
            assert len(asked) == 4
            assert all(one.in_language(language).endswith("?") for one in asked for language in Language)


def test_no_two_questions_are_the_same():
    asked = [one.in_language(language) for texts in GUIDE.prompts.values() for one in texts for language in Language]
    assert len(asked) == len(set(asked))


def test_steps_that_do_not_add_up_are_refused(files):
    files[0]["agendas"][0]["steps"][0][1] += 1
    with pytest.raises(InvalidGuide, match="45 minutes has steps of 46"):
        read_guide(*files)


def test_a_step_that_nobody_described_is_refused(files):
    files[0]["agendas"][1]["steps"][0][0] = "song"
    with pytest.raises(InvalidGuide, match="the step song"):
        read_guide(*files)


def test_a_text_that_lacks_a_language_is_refused(files):
    del files[1]["dimensions"]["control"][1]["sv"]
    with pytest.raises(InvalidGuide, match=r"dimensions.control, entry 2: the text is missing in sv"):
        read_guide(*files)


@pytest.mark.parametrize(("table", "word"), [("opening", "wider"), ("dimensions", "wellbeing")])
def test_a_missing_part_is_refused(files, table, word):
    del files[1][table][word]
    with pytest.raises(InvalidGuide, match=word):
        read_guide(*files)


def test_a_view_that_the_projector_does_not_have_is_refused(files):
    files[0]["steps"]["vote"]["view"] = "film"
    with pytest.raises(InvalidGuide, match=r"steps.vote: 'film' is not a valid ProjectorView"):
        read_guide(*files)


def test_every_view_of_a_step_is_one_of_the_projectors():
    assert {stage.view for agenda in GUIDE.agendas for stage in agenda.items} <= set(ProjectorView)
