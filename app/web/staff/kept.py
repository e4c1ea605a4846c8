"""Parts of pages that follow from frozen values alone, kept in memory for as long as they are asked for."""

from collections.abc import Callable, Hashable

MOST = 400
_KEPT: dict[Hashable, tuple[tuple[object, ...], str]] = {}


def kept(frozen: tuple[object, ...], key: Hashable, make: Callable[[], str]) -> str:
    """Return the part that `make` makes of `frozen`; make it the first time only.

    `frozen` values are told apart by identity, which costs nothing. They are held with the part, so
    that no other value can ever take their place in memory and be mistaken for them.
    """
    whole = (*map(id, frozen), key)
    found = _KEPT.pop(whole, None)
    if found is None:
        found = frozen, make()
    _KEPT[whole] = found  # the one asked for last stands last
    while len(_KEPT) > MOST:
        _KEPT.pop(next(iter(_KEPT)), None)
    return found[1]
