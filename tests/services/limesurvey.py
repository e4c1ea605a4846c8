"""Two made-up LimeSurvey structures that ask the same: one as version 3 writes it, one as version 6."""

TEXTS = {
    "fi": {
        "control": "<p>Vaikutan työhöni</p>",
        "SQ001": "Voin päättää&nbsp;tauoista",
        "SQ002": "Minua kuullaan",
        "mood": "Miten voit?",
        "where": "Missä työskentelet?",
        "A1": "Eri mieltä",
        "A2": "En osaa sanoa",
        "A3": "Samaa mieltä",
        "pine": "Männikön koulu",
        "fir": "Kuusikon koulu",
    },
    "en": {
        "control": "I have a say",
        "SQ001": "I decide on breaks",
        "SQ002": "I am heard",
        "mood": "How are you?",
        "where": "Where do you work?",
        "A1": "Disagree",
        "A2": "Cannot say",
        "A3": "Agree",
        "pine": "Pine School",
        "fir": "Fir School",
    },
}
QUESTIONS = (("1", "F", "control", "1"), ("2", "5", "mood", "2"), ("3", "L", "where", "3"))
ANSWERS = (("1", "A1"), ("1", "A2"), ("1", "A3"), ("3", "pine"), ("3", "fir"))


def _row(**cells):
    return "<row>" + "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in cells.items()) + "</row>"


def _table(name, rows):
    return f"<{name}><rows>{''.join(rows)}</rows></{name}>"


def _document(tables):
    languages = "<languages><language>fi</language><language>en</language></languages>"
    titles = [_row(surveyls_language=one, surveyls_title="Työkysely") for one in TEXTS]
    parts = [_table("surveys_languagesettings", titles), *tables]
    groups = _table("groups", [_row(gid="1", group_order="1")])
    inside = (
        f"<LimeSurveyDocType>Survey</LimeSurveyDocType><DBVersion>366</DBVersion>{languages}{groups}{''.join(parts)}"
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><document>{inside}</document>'.encode()


def old():
    """Texts stand in each question's row, once for each language."""
    questions = [
        _row(
            qid=qid,
            parent_qid="0",
            gid="1",
            type=kind,
            title=code,
            question=words[code],
            question_order=order,
            language=tongue,
        )
        for tongue, words in TEXTS.items()
        for qid, kind, code, order in QUESTIONS
    ]
    children = [
        _row(
            qid=f"1{n}",
            parent_qid="1",
            gid="1",
            type="T",
            title=code,
            question=words[code],
            question_order=n,
            scale_id="0",
            language=tongue,
        )
        for tongue, words in TEXTS.items()
        for n, code in ((1, "SQ001"), (2, "SQ002"))
    ]
    answers = [
        _row(qid=qid, code=code, answer=words[code], sortorder=order, scale_id="0", language=tongue)
        for tongue, words in TEXTS.items()
        for order, (qid, code) in enumerate(ANSWERS)
    ]
    return _document([_table("questions", questions), _table("subquestions", children), _table("answers", answers)])


def new():
    """Texts stand in tables of their own."""
    numbers = {**{code: qid for qid, _kind, code, _order in QUESTIONS}, "SQ001": "11", "SQ002": "12"}
    questions = [
        _row(qid=qid, parent_qid="0", gid="1", type=kind, title=code, question_order=order)
        for qid, kind, code, order in QUESTIONS
    ]
    children = [
        _row(qid=numbers[code], parent_qid="1", gid="1", type="T", title=code, question_order=order, scale_id="0")
        for order, code in ((2, "SQ002"), (1, "SQ001"))
    ]
    answers = [
        _row(aid=order, qid=qid, code=code, sortorder=order, scale_id="0") for order, (qid, code) in enumerate(ANSWERS)
    ]
    spoken = [
        _row(id="0", qid=qid, question=words[code], language=tongue)
        for tongue, words in TEXTS.items()
        for code, qid in numbers.items()
    ]
    labels = [
        _row(id="0", aid=order, answer=words[code], language=tongue)
        for tongue, words in TEXTS.items()
        for order, (_qid, code) in enumerate(ANSWERS)
    ]
    return _document(
        [
            _table("questions", questions),
            _table("subquestions", children),
            _table("answers", answers),
            _table("question_l10ns", spoken),
            _table("answer_l10ns", labels),
        ]
    )
