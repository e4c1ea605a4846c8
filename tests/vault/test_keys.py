import stat

import pytest

from app.vault import keys


def test_words_and_payload_give_the_key_back():
    pair = keys.draw_keypair()
    (sheet,) = keys.sheets(pair.secret)
    for text in ("\n".join(sheet.lines), sheet.payload, " ".join(sheet.lines).upper().replace(" ", ",  ")):
        assert keys.read_sheets([text], public_key=pair.public) == pair.secret


def test_a_split_key_needs_both_sheets():
    pair = keys.draw_keypair()
    first, second = (sheet.payload for sheet in keys.sheets(pair.secret, split=True))
    assert keys.read_sheets([second, first], public_key=pair.public) == pair.secret
    for alone in ([first], [second], [first, first]):
        with pytest.raises(keys.KeyRefused, match=keys.KeyFault.NEEDS_BOTH):
            keys.read_sheets(alone, public_key=pair.public)


def test_a_slip_of_the_pen_is_found_on_its_line():
    (sheet,) = keys.sheets(bytes(range(32)))
    for number, line in enumerate(sheet.lines, start=1):
        wrong = line[:-1] + ("b" if line[-1] != "b" else "d")
        text = " ".join((*sheet.lines[: number - 1], wrong, *sheet.lines[number:]))
        with pytest.raises(keys.KeyRefused, match=f"check_word .line={number}."):
            keys.read_sheet(text)


def test_swapped_lines_missing_words_and_strange_words_are_refused():
    (sheet,) = keys.sheets(bytes(range(32)))
    swapped = " ".join((sheet.lines[1], sheet.lines[0], *sheet.lines[2:]))
    short = " ".join(sheet.lines).rpartition(" ")[0]
    for text, reason in (
        (swapped, "check_word .line=1."),
        (short, "word_count .due=20, given=19."),
        (short + " qqqqq", "not_a_word .line=4."),
        ("", "word_count .due=20, given=0."),
    ):
        with pytest.raises(keys.KeyRefused, match=reason):
            keys.read_sheet(text)


def test_a_sheet_of_another_round_is_refused():
    (sheet,) = keys.sheets(keys.draw_keypair().secret)
    with pytest.raises(keys.KeyRefused, match=keys.KeyFault.OTHER_ROUND):
        keys.read_sheets([sheet.payload], public_key=keys.draw_keypair().public)


def test_a_key_file_is_for_this_user_alone_and_is_destroyed(tmp_path):
    pair = keys.draw_keypair()
    folder = tmp_path / "keys"
    keys.keep(folder, 3, pair)
    (path,) = folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert keys.kept(folder, 3, public_key=pair.public) == pair.secret
    twin = tmp_path / "twin"
    twin.hardlink_to(path)
    assert keys.destroy(folder, 3) == 1
    assert not path.exists()
    assert twin.read_bytes() != pair.secret
    assert keys.destroy(folder, 3) == 0


def test_a_key_that_is_not_here_is_named(tmp_path):
    pair = keys.draw_keypair()
    with pytest.raises(keys.KeyRefused, match=keys.KeyFault.FILE_ABSENT):
        keys.kept(tmp_path, 3, public_key=pair.public)


def test_destroying_one_rounds_key_leaves_another_rounds(tmp_path):
    one, eleven = keys.draw_keypair(), keys.draw_keypair()
    keys.keep(tmp_path, 1, one)
    keys.keep(tmp_path, 11, eleven)
    assert keys.destroy(tmp_path, 1) == 1
    assert keys.kept(tmp_path, 11, public_key=eleven.public) == eleven.secret
