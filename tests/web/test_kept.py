from app.web.shared.kept import MOST, kept


def test_a_part_is_made_once_for_the_same_frozen_values():
    frozen, made = object(), []
    for _ in range(3):
        assert kept((frozen,), "page", lambda: made.append(1) or "text") == "text"
    assert made == [1]


def test_equal_values_of_another_round_are_not_mistaken_for_it():
    first, second = [1], [1]
    assert kept((first,), "page", lambda: "first") == "first"
    assert kept((second,), "page", lambda: "second") == "second"


def test_what_was_not_asked_for_long_is_forgotten():
    frozen = object()
    kept((frozen,), "old", lambda: "made once")
    for number in range(MOST):
        kept((frozen,), number, str)
    assert kept((frozen,), "old", lambda: "made anew") == "made anew"
