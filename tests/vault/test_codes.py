import math
from collections import Counter

from app.vault import codes

SECRET = b"s" * 32


def test_a_mailed_code_has_at_least_112_bits_and_a_slip_code_at_least_60():
    letter = math.log2(len(codes.ALPHABET))
    assert len(codes.normalise_code(codes.draw_mailed_code())) * letter >= 112
    assert (len(codes.normalise_code(codes.draw_slip_code(7))) - codes.ROUND_LETTERS) * letter >= 60


def test_no_two_letters_of_a_code_look_alike():
    families = ("0OQ", "1IL", "2Z", "5S", "8B", "UV")
    assert all(sum(letter in codes.ALPHABET for letter in family) == 1 for family in families)


def test_what_is_drawn_is_already_normal_and_grouped():
    for drawn in (codes.draw_mailed_code(), codes.draw_slip_code(21_951)):
        assert codes.normalise_code(drawn) == drawn.replace("-", "")
        assert {len(group) for group in drawn.split("-")} == {4}


def test_a_code_may_be_typed_in_any_case_with_look_alikes_and_spaces():
    code = "0125-8V0A-CDEF-GHJK"
    typed = " oiZs bUqa cdef–ghjk \n"
    assert codes.code_digest(typed, secret=SECRET) == codes.code_digest(code, secret=SECRET)


def test_digests_differ_by_code_and_by_installation():
    slip = codes.draw_slip_code(1)
    mailed = codes.draw_mailed_code()
    digests = [codes.code_digest(code, secret=secret) for code in (slip, mailed) for secret in (SECRET, b"t" * 32)]
    assert len(set(digests)) == 4
    assert all(len(digest) == codes.DIGEST_BYTES for digest in digests)


def test_whatever_is_typed_has_a_digest():
    for typed in ("", "x", "ä" * 300, "0" * 5000, "\0"):
        assert len(codes.code_digest(typed, secret=SECRET)) == codes.DIGEST_BYTES


def test_every_letter_is_equally_likely():
    drawn = "".join(codes.normalise_code(codes.draw_mailed_code()) for _ in range(2000))
    counts = Counter(drawn)
    expected = len(drawn) / len(codes.ALPHABET)
    chi_square = sum((counts[letter] - expected) ** 2 / expected for letter in codes.ALPHABET)
    assert chi_square < 76  # 27 degrees of freedom, p = 1e-6
