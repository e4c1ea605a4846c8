import gc

import pytest

from app.render.freed_memory import ALL_OBJECTS, LARGE_DOCUMENT, YOUNG_OBJECTS, free_memory_after


class Web:
    """An object that only a collection frees."""

    alive = 0

    def __init__(self):
        self.itself = self
        Web.alive += 1

    def __del__(self):
        Web.alive -= 1


@free_memory_after
def document(size):
    Web()
    if size is None:
        raise ValueError
    return bytes(size)


@pytest.fixture
def collections(monkeypatch):
    found = []
    collect = gc.collect
    monkeypatch.setattr(gc, "collect", lambda generation=ALL_OBJECTS: found.append(generation) or collect(generation))
    gc.disable()
    yield found
    gc.enable()


@pytest.mark.parametrize(("size", "generation"), [(10, YOUNG_OBJECTS), (LARGE_DOCUMENT, ALL_OBJECTS)])
def test_garbage_is_freed_and_only_a_large_document_has_all_objects_looked_through(collections, size, generation):
    assert len(document(size)) == size
    assert collections == [generation]
    assert Web.alive == 0


def test_the_garbage_of_a_document_that_failed_is_freed(collections):
    with pytest.raises(ValueError):
        document(None)
    assert collections == [ALL_OBJECTS]
