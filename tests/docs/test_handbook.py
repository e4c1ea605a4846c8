"""The handbooks say what the pages say: words in bold stand on a page, commands and files exist."""

import re

import polib
import pytest

from app.config import ROOT, Settings
from tests.catalogues import path_of

EMPHASIS = {  # said with weight, but no words of a page
    "en": {"bold", "Communities.", "People.", "The catalogue.", "Do not", "Decide together with staff",
           "If the sheet is lost, the answers are lost.",
           "Microsoft Entra ID.", "Google Workspace.", "Keycloak.", "MPASSid."},
    "fi": {"Lihavoidut", "Työyhteisöt.", "Käyttäjät.", "Koulutustarjotin.", "Älä", "Sopikaa henkilöstön kanssa",
           "Jos lomake katoaa, vastaukset on menetetty.",
           "Microsoft Entra ID.", "Google Workspace.", "Keycloak.", "MPASSid."},
}  # fmt: skip


@pytest.fixture(params=["en", "fi"])
def language(request):
    return request.param


@pytest.fixture
def handbook(language):
    return (ROOT / "docs" / f"handbook.{language}.md").read_text(encoding="utf-8")


def texts(language):
    """Every text of a page in this language."""
    entries = polib.pofile(str(path_of("fi")))
    return {entry.msgid if language == "en" else entry.msgstr for entry in entries}


def test_words_in_bold_stand_on_a_page(handbook, language):
    bold = {" ".join(one.split()) for one in re.findall(r"\*\*(.+?)\*\*", handbook, flags=re.DOTALL)}
    assert bold - texts(language) - EMPHASIS[language] == set()


def test_every_command_is_there(app, handbook):
    commands = re.findall(r"\./run flask (\w+)(?: ([a-z][\w-]+))?", handbook)
    assert commands
    for group, verb in commands:
        found = app.cli.get_command(None, group)
        assert not verb or verb in getattr(found, "commands", {verb: None}), f"{group} {verb}"


def test_every_setting_is_there(handbook):
    names = re.findall(r"^ *`?([A-Z_]+) = ", handbook, flags=re.MULTILINE)
    assert {"BASE_URL", "DATABASE_URL"} <= set(names)
    for name in names:
        assert hasattr(Settings, name.lower()), name


def headings(text):
    """What a link may name after its sign."""
    return {
        re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in text.splitlines()
        if line.startswith("#")
    }


def test_every_file_and_heading_that_is_linked_exists(handbook):
    for target in re.findall(r"\]\(([^)]+)\)", handbook):
        name, _, heading = target.partition("#")
        page = ROOT / "docs" / name
        assert not name or page.exists(), target
        assert not heading or heading in headings(page.read_text(encoding="utf-8") if name else handbook), target


def test_both_handbooks_have_the_same_chapters_and_pictures():
    shapes = []
    for language in ("en", "fi"):
        text = (ROOT / "docs" / f"handbook.{language}.md").read_text(encoding="utf-8")
        pictures = [name.replace(f".{language}.", ".") for name in re.findall(r"!\[.+?\]\((.+?)\)", text)]
        shapes.append((re.findall(r"^## (\d)", text, flags=re.MULTILINE), pictures))
    assert shapes[0] == shapes[1]
