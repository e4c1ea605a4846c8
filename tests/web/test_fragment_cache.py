from app.web.shared.fragment_cache import MAX_ENTRIES, cached_fragment


def test_a_part_is_made_once_for_the_same_frozen_values():
    frozen = object()
    made = []
    for _ in range(3):
        assert cached_fragment((frozen,), "page", lambda: made.append(1) or "text") == "text"
    assert made == [1]


def test_equal_values_of_another_round_are_not_mistaken_for_it():
    first = [1]
    second = [1]
    assert cached_fragment((first,), "page", lambda: "first") == "first"
    assert cached_fragment((second,), "page", lambda: "second") == "second"


def test_what_was_not_asked_for_long_is_forgotten():
    frozen = object()
    cached_fragment((frozen,), "old", lambda: "made once")
    for number in range(MAX_ENTRIES):
        cached_fragment((frozen,), number, str)
    assert cached_fragment((frozen,), "old", lambda: "made anew") == "made anew"
