"""Every cache of a process has a bound."""

import ast
import re
from concurrent.futures import ThreadPoolExecutor

from app.caches import BoundedCache
from app.config import ROOT

MODULES = sorted((ROOT / "app").rglob("*.py"))
# Mappings at module level that are filled at run time, beside BoundedCache, and what bounds them.
OTHERS = {
    "app/store/database.py": {"_COLUMNS_SEEN", "_TABLES_SEEN"},  # by the engines alive, tables and columns there are
    "app/web/shared/fragment_cache.py": {"CACHE"},  # MAX_ENTRIES
}


def trees():
    for path in MODULES:
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def unbounded(tree):
    """Yield functions with parameters whose results are kept without a bound."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef):
            continue
        for decorator in node.decorator_list:
            text = ast.unparse(decorator)
            arguments = node.args
            takes = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
            if re.fullmatch(r"(functools\.)?cache", text) and any(takes):
                yield node.name
            if "lru_cache" in text and not re.search(r"maxsize=[\d_]+", text):
                yield node.name


def filled_later(tree):
    """Yield the names of mappings that are empty at module level: they are filled at run time."""
    for node in tree.body:
        value = getattr(node, "value", None)
        if not isinstance(node, ast.Assign | ast.AnnAssign) or value is None:
            continue
        is_empty = isinstance(value, ast.Dict) and not value.keys
        if isinstance(value, ast.Call):
            is_empty = re.search(r"(^|\.)\w*[dD]ict\w*$", ast.unparse(value.func)) is not None
        if is_empty and not getattr(value, "args", None):
            targets = [node.target] if isinstance(node, ast.AnnAssign) else node.targets
            yield from (ast.unparse(target) for target in targets)


def test_results_that_are_kept_by_arguments_have_a_bound():
    found = {name: kept for name, tree in trees() if (kept := list(unbounded(tree)))}
    assert found == {}


def test_the_guard_sees_a_cache_without_a_bound():
    source = "@cache\ndef a(n): ...\n@lru_cache\ndef b(n): ...\n@lru_cache(maxsize=None)\ndef c(n): ...\n"
    assert list(unbounded(ast.parse(source))) == ["a", "b", "c"]
    assert list(unbounded(ast.parse("@cache\ndef a(): ...\n@lru_cache(maxsize=4)\ndef b(n): ..."))) == []


def test_mappings_that_fill_at_run_time_are_known():
    found = {name: set(filled) for name, tree in trees() if (filled := list(filled_later(tree)))}
    assert found == OTHERS
    assert list(filled_later(ast.parse("_KEPT: dict[str, int] = {}"))) == ["_KEPT"]


def test_what_was_asked_for_longest_ago_makes_room():
    cache = BoundedCache("numbers", most=3)
    for number in (1, 2, 3):
        cache.put(number, str(number))
    assert cache.get(1) == "1"
    cache.put(4, "4")
    assert [number for number in (1, 2, 3, 4) if number in cache] == [1, 3, 4]
    assert len(cache) == 3


def test_threads_never_see_more_than_the_bound_nor_another_key_s_value():
    cache = BoundedCache("numbers", most=8)

    def use(number):
        return all(cache.get_or_make(n % 20, lambda n=n: n % 20) == n % 20 for n in range(number, number + 2000))

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(use, range(4)))
    assert len(cache) == 8
