from datetime import timedelta

import pytest

from app.core.bounces import POSTMARK
from app.core.notices import BatchId
from app.vault import postmarks
from tests.services.laying_out import NOON, SECRET

BATCH = BatchId(12)


def test_a_postmark_tells_its_batch_and_whether_the_batch_is_the_one_it_was_written_for():
    read = postmarks.read(postmarks.write(BATCH, NOON, postmarks.draw(), secret=SECRET), secret=SECRET)
    assert (read.batch, read.is_of(NOON), read.is_of(NOON + timedelta(seconds=1)), read.is_of(None)) == (
        BATCH,
        True,
        False,
        False,
    )


def test_a_postmark_is_of_one_letter_and_the_same_when_it_is_written_again():
    one, other = postmarks.draw(), postmarks.draw()
    first, again, second = (postmarks.write(BATCH, NOON, chance, secret=SECRET) for chance in (one, one, other))
    assert first == again != second
    digests = {postmarks.read(text, secret=SECRET).digest for text in (first, again, second)}
    assert len(digests) == 2


def test_no_sign_of_a_postmark_can_be_changed_and_none_is_of_another_installation():
    text = postmarks.write(BATCH, NOON, postmarks.draw(), secret=SECRET)
    changed = [text[:n] + ("1" if sign != "1" else "2") + text[n + 1 :] for n, sign in enumerate(text)]
    assert not [one for one in changed if postmarks.read(one, secret=SECRET)]
    assert postmarks.read(text, secret=b"another secret of some length...") is None


@pytest.mark.parametrize("text", ["", "7", "7-1.a.b", "١-1764072000.abcdefghijklmnop.ABCDEFGHIJKLMNOP", "x" * 9999])
def test_what_has_not_the_form_of_a_postmark_is_none(text):
    assert postmarks.read(text, secret=SECRET) is None


def test_a_postmark_fits_on_one_line_of_a_letter():
    text = postmarks.write(BatchId(999_999_999), NOON, postmarks.draw(), secret=SECRET)
    assert len(f"{POSTMARK}: {text}") <= 78
