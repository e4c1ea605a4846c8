import stat

import pytest

from app.vault import round_keys


def test_words_and_payload_give_the_key_back():
    pair = round_keys.draw_keypair()
    (sheet,) = round_keys.key_backups(pair.secret)
    for text in ("\n".join(sheet.lines), sheet.payload, " ".join(sheet.lines).upper().replace(" ", ",  ")):
        assert round_keys.secret_key_from_backups([text], public_key=pair.public) == pair.secret


def test_a_split_key_needs_both_sheets():
    pair = round_keys.draw_keypair()
    first, second = (sheet.payload for sheet in round_keys.key_backups(pair.secret, split=True))
    assert round_keys.secret_key_from_backups([second, first], public_key=pair.public) == pair.secret
    for alone in ([first], [second], [first, first]):
        with pytest.raises(round_keys.InvalidKey, match=round_keys.KeyFault.NEEDS_BOTH):
            round_keys.secret_key_from_backups(alone, public_key=pair.public)


def test_a_slip_of_the_pen_is_found_on_its_line():
    (sheet,) = round_keys.key_backups(bytes(range(32)))
    for number, line in enumerate(sheet.lines, start=1):
        wrong = line[:-1] + ("b" if line[-1] != "b" else "d")
        text = " ".join((*sheet.lines[: number - 1], wrong, *sheet.lines[number:]))
        with pytest.raises(round_keys.InvalidKey, match=f"check_word .line={number}."):
            round_keys.parse_key_sheet(text)


def test_swapped_lines_missing_words_and_strange_words_are_refused():
    (sheet,) = round_keys.key_backups(bytes(range(32)))
    swapped = " ".join((sheet.lines[1], sheet.lines[0], *sheet.lines[2:]))
    short = " ".join(sheet.lines).rpartition(" ")[0]
    for text, reason in (
        (swapped, "check_word .line=1."),
        (short, "word_count .due=20, given=19."),
        (short + " qqqqq", "not_a_word .line=4."),
        ("", "word_count .due=20, given=0."),
    ):
        with pytest.raises(round_keys.InvalidKey, match=reason):
            round_keys.parse_key_sheet(text)


def test_a_sheet_of_another_round_is_refused():
    (sheet,) = round_keys.key_backups(round_keys.draw_keypair().secret)
    with pytest.raises(round_keys.InvalidKey, match=round_keys.KeyFault.OTHER_ROUND):
        round_keys.secret_key_from_backups([sheet.payload], public_key=round_keys.draw_keypair().public)


def test_a_key_file_is_for_this_user_alone_and_is_destroyed(tmp_path):
    pair = round_keys.draw_keypair()
    folder = tmp_path / "keys"
    round_keys.save_key_file(folder, 3, pair)
    (path,) = folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert round_keys.load_key_file(folder, 3, public_key=pair.public) == pair.secret
    twin = tmp_path / "twin"
    twin.hardlink_to(path)
    assert round_keys.destroy_key_files(folder, 3) == 1
    assert not path.exists()
    assert twin.read_bytes() != pair.secret
    assert round_keys.destroy_key_files(folder, 3) == 0


def test_a_key_that_is_not_here_is_named(tmp_path):
    pair = round_keys.draw_keypair()
    with pytest.raises(round_keys.InvalidKey, match=round_keys.KeyFault.FILE_ABSENT):
        round_keys.load_key_file(tmp_path, 3, public_key=pair.public)


def test_destroying_one_rounds_key_leaves_another_rounds(tmp_path):
    one = round_keys.draw_keypair()
    eleven = round_keys.draw_keypair()
    round_keys.save_key_file(tmp_path, 1, one)
    round_keys.save_key_file(tmp_path, 11, eleven)
    assert round_keys.destroy_key_files(tmp_path, 1) == 1
    assert round_keys.load_key_file(tmp_path, 11, public_key=eleven.public) == eleven.secret
