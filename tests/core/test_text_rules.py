"""Normal forms of text, rule by rule: letters, blanks, what nobody sees, and what cannot be stored."""

import unicodedata

import pytest

from app.core.text import bad_characters_with_positions, match_key, normal_line, normal_text, without_bad_characters

SMALL_A_DIAERESIS = "\N{LATIN SMALL LETTER A WITH DIAERESIS}"
BLANKS = "\u00a0\u1680\u2000\u2003\u2007\u2009\u202f\u205f\u3000\t\n\u2028\u2029\x85"
INVISIBLE = "\u00ad\u200b\u200c\u200e\u200f\u202a\u202c\u2060\u2066\u2069\ufeff"
TEACHER = "👩\u200d🏫"


@pytest.mark.parametrize("blank", BLANKS)
def test_every_blank_in_a_name_is_one_blank(blank):
    assert normal_line(f"{blank}Mäkelän{blank} {blank}koulu{blank}") == "Mäkelän koulu"


@pytest.mark.parametrize("sign", INVISIBLE)
def test_a_name_has_nothing_that_nobody_sees(sign):
    assert normal_line(f"{sign}Mäke{sign}lä{sign}") == "Mäkelä"
    assert match_key(f"Mäke{sign}lä") == match_key("Mäkelä")


def test_a_joiner_stays_inside_an_emoji_and_goes_elsewhere():
    assert normal_line(f"Ope {TEACHER}") == f"Ope {TEACHER}"
    assert [normal_line(text) for text in ("a\u200db", "\u200da", "a\u200d", "👩\u200da", "a\u200d🏫", "\u200d🏫")] == [
        "ab", "a", "a", "👩a", "a🏫", "🏫",
    ]  # fmt: skip


def test_letters_are_composed_in_names_and_in_texts():
    for word in ("Mäkelä", "Åbo", "Öja", "Émile"):
        apart = unicodedata.normalize("NFD", word)
        assert normal_line(apart) == word
        assert normal_text(f"{apart}\n{apart}") == f"{word}\n{word}"


@pytest.mark.parametrize("end", ["\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_every_line_end_of_a_text_is_the_same(end):
    assert normal_text(f"One{end}two{end}{end}three") == "One\ntwo\n\nthree"


def test_a_text_keeps_its_blanks_joiners_and_soft_hyphens():
    text = f"100\u00a0% {TEACHER} työ\u00adyhteisö\u2009ja"
    assert normal_text(text) == text


def test_a_text_has_no_override_of_its_direction_and_no_byte_order_mark():
    assert normal_text("a\u202eb\u202dc\ufeffd") == "abcd"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("KOULU", "koulu"), ("Straße", "STRASSE"), ("A–B", "A-B"), ("A—B", "a‐b"), ("A−B", "A‑B"), ("O’Neil", "o'neil"),
        ("O´Neil", "O`Neil"), ("Oʼneil", "O‘neil"), ("Ｍäkelä", "mäkelä"), ("ﬁlmi", "Filmi"), ("koulu ①", "koulu 1"),
        ("İ", "i̇"), ("ͅ", "ι"), ("ẛ̣", "ṩ"), ("Äiti", unicodedata.normalize("NFD", "äiti")), ("ŉ", "ʼn"),
        ("ᾳ", "αι"), ("™", "tm"), ("℃", "°C"), ("\u0390", "\u03aa\u0301"),
    ],
)  # fmt: skip
def test_names_that_a_reader_takes_for_the_same_have_one_key(one, other):
    assert match_key(one) == match_key(other)
    assert match_key(match_key(one)) == match_key(one)


@pytest.mark.parametrize(("one", "other"), [("Mäki", "Maki"), ("Åbo", "Abo"), ("koulu 1", "koulu 11"), ("091", "91")])
def test_names_that_differ_have_keys_that_differ(one, other):
    assert match_key(one) != match_key(other)


@pytest.mark.parametrize("code", [0x00, 0x07, 0x1B, 0x7F, 0x80, 0x9F, 0xD800, 0xDFFF, 0xFDD0, 0xFDEF, 0xFFFE, 0x1FFFF])
def test_what_cannot_be_stored_is_named_with_its_place_and_taken_out(code):
    assert bad_characters_with_positions(f"ab{chr(code)}ä") == ((3, f"U+{code:04X}"),)
    assert without_bad_characters(f"ab{chr(code)}ä") == "abä"


@pytest.mark.parametrize("code", [0x09, 0x0A, 0xA0, 0xAD, 0x200D, 0x202F, 0xFDCF, 0xFDF0, 0xFFFD, 0x1F600, 0xE000])
def test_what_is_text_is_left_alone(code):
    assert bad_characters_with_positions(f"ab{chr(code)}ä") == ()
    assert without_bad_characters(f"ab{chr(code)}ä") == f"ab{chr(code)}ä"
