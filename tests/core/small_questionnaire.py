"""A small questionnaire, written as a coordinator would."""

SMALL = """\
id = "small"
version = "1"
languages = ["fi", "sv", "en"]
licence = "own"
source = "own"
title = { fi = "Pieni", sv = "Liten", en = "Small" }
introduction = { fi = "Alku", sv = "Början", en = "Beginning" }

[options.agreement]
first = 1
labels = [
  { fi = "Eri mieltä", sv = "Av annan åsikt", en = "Disagree" },
  { fi = "En osaa sanoa", sv = "Kan inte säga", en = "Cannot say" },
  { fi = "Samaa mieltä", sv = "Av samma åsikt", en = "Agree" },
]

[[groups]]
id = "teachers"
name = { fi = "Opettajat", sv = "Lärare", en = "Teachers" }

[[themes]]
id = "work"
title = { fi = "Työ", sv = "Arbete", en = "Work" }

[[themes.items]]
id = "pace"
options = "agreement"
text = { fi = "Työtahti sopii.", sv = "Takten är bra.", en = "The pace suits me." }

[[themes.items]]
id = "haste"
options = "agreement"
text = { fi = "On kiire.", sv = "Det är bråttom.", en = "I am in a hurry." }

[[scales]]
id = "control"
title = { fi = "Hallinta", sv = "Kontroll", en = "Control" }
description = { fi = "Hallinta", sv = "Kontroll", en = "Control" }
polarity = "high_is_good"
items = ["pace", "haste"]
reversed = ["haste"]
"""


def changed(*changes):
    """The small questionnaire with words replaced; each replacement must find its words."""
    text = SMALL
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def line_of(words, text=SMALL):
    """The line (from 1) in which words first stand."""
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)
