from datetime import timedelta

import pytest

from app.core.bounces import BOUNCE_TAG_HEADER
from app.core.mail import BatchId
from app.vault import bounce_tags
from tests.services.factories import NOON, SECRET

BATCH = BatchId(12)


def test_a_bounce_tag_tells_its_batch_and_whether_the_batch_is_the_one_it_was_written_for():
    read = bounce_tags.parse_bounce_tag(
        bounce_tags.bounce_tag(BATCH, NOON, bounce_tags.draw_tag_nonce(), secret=SECRET), secret=SECRET
    )
    assert (
        read.batch,
        read.matches_batch_written_at(NOON),
        read.matches_batch_written_at(NOON + timedelta(seconds=1)),
        read.matches_batch_written_at(None),
    ) == (
        BATCH,
        True,
        False,
        False,
    )


def test_a_bounce_tag_is_of_one_letter_and_the_same_when_it_is_written_again():
    one = bounce_tags.draw_tag_nonce()
    other = bounce_tags.draw_tag_nonce()
    first, again, second = (bounce_tags.bounce_tag(BATCH, NOON, chance, secret=SECRET) for chance in (one, one, other))
    assert first == again != second
    digests = {bounce_tags.parse_bounce_tag(text, secret=SECRET).digest for text in (first, again, second)}
    assert len(digests) == 2


def test_no_sign_of_a_bounce_tag_can_be_changed_and_none_is_of_another_installation():
    text = bounce_tags.bounce_tag(BATCH, NOON, bounce_tags.draw_tag_nonce(), secret=SECRET)
    changed = [text[:n] + ("1" if sign != "1" else "2") + text[n + 1 :] for n, sign in enumerate(text)]
    assert not [one for one in changed if bounce_tags.parse_bounce_tag(one, secret=SECRET)]
    assert bounce_tags.parse_bounce_tag(text, secret=b"another secret of some length...") is None


def test_a_bounce_tag_is_of_one_address_and_whoever_holds_it_can_name_no_other():
    text = bounce_tags.bounce_tag(BATCH, NOON, bounce_tags.draw_tag_nonce(), secret=SECRET, to="own@school.example")
    for claimed in ((), ("other@school.example",)):
        assert bounce_tags.parse_bounce_tag(text, secret=SECRET, addresses=claimed) is None
    both = ("other@school.example", "Own@School.example")
    assert bounce_tags.parse_bounce_tag(text, secret=SECRET, addresses=both).address == "own@school.example"


@pytest.mark.parametrize("text", ["", "7", "7-1.a.b", "١-1764072000.abcdefghijklmnop.ABCDEFGHIJKLMNOP", "x" * 9999])
def test_what_has_not_the_form_of_a_bounce_tag_is_none(text):
    assert bounce_tags.parse_bounce_tag(text, secret=SECRET) is None


def test_a_bounce_tag_fits_on_one_line_of_a_letter():
    text = bounce_tags.bounce_tag(BatchId(999_999_999), NOON, bounce_tags.draw_tag_nonce(), secret=SECRET)
    assert len(f"{BOUNCE_TAG_HEADER}: {text}") <= 78
