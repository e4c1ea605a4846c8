"""Every benchmark runs, at sizes that prove nothing but that; and what it finds becomes a page and a plot."""

import pytest

from tests.bench import counting, writing
from tests.bench.measuring import Figure
from tests.bench.writing import ORDER, module_of

WITH_SERVERS = ("parallel", "journey-http")


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in ORDER if name not in WITH_SERVERS])
def test_a_benchmark_runs(name):
    assert_figures(module_of(name).measure(tiny=True))


@pytest.mark.slow
@pytest.mark.postgresql
@pytest.mark.parametrize("name", WITH_SERVERS)
def test_a_benchmark_of_servers_runs(name):
    assert_figures(module_of(name).measure(tiny=True))


def assert_figures(found):
    assert found
    assert all(one.value > 0 and one.floor != 0 for one in found)


def test_the_largest_count_is_drawn_on_paper_by_the_slope_of_two():
    small = counting._Counted(seconds=100.0, megabytes=600.0, of_each_process=0, told=1)
    large = counting._Counted(seconds=1000.0, megabytes=690.0, of_each_process=0, told=1)
    hours, memory = counting.extrapolate((100_000, small), (1_000_000, large))
    assert hours.value * 3600 == pytest.approx(5000)
    assert memory.value == pytest.approx(1090)


def test_a_target_in_times_of_the_floor_is_missed_above_it_and_met_below():
    assert Figure("a", 3.1, "ms", 1.0, most_times=3).met is False
    assert Figure("a", 2.9, "ms", 1.0, most_times=3).met is True


def test_a_rate_below_its_share_of_the_floor_misses():
    assert Figure("a", 40, "a second", 100, least_times=0.5).met is False
    assert Figure("a", 60, "a second", 100, least_times=0.5).met is True


def test_one_missed_target_of_two_is_a_miss():
    assert Figure("a", 14, "ms", 2, most=15, most_times=3).met is False


def test_a_second_run_renews_its_own_part_and_keeps_the_others(tmp_path):
    writing.write({"starting": [Figure("loading", 10.0, "s", most=20)]}, tmp_path)
    writing.write({"answering": [Figure("journey", 9.0, "ms", 2.0, most_times=3)]}, tmp_path)
    page = (tmp_path / "performance.md").read_text()
    assert "| loading | 10.0 s |  |  | < 20 s | yes |" in page
    assert "| journey | 9.00 ms | 2.00 ms | 4.50 | ≤ 3 × floor | **no** |" in page
    assert "journey" in (tmp_path / "pictures" / "performance.svg").read_text()


def test_the_page_in_the_documentation_is_what_was_measured_last():
    kept = writing.DOCS / "performance.md"
    assert kept.read_text(encoding="utf-8") == writing.page(writing.parts_in(writing.DOCS / "performance.json"))
