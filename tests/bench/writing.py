"""What was measured, kept beside the documentation: figures as data, and from them a page and a plot."""

import json
import os
import platform
import sqlite3
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType

from matplotlib import rc_context
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import PercentFormatter

from app.config import ROOT
from tests.bench.measuring import Figure

DOCS = ROOT / "docs"
ORDER = (
    "answering",
    "journey-http",
    "parallel",
    "counting",
    "attacking",
    "reading",
    "history",
    "country",
    "matching",
    "importing",
    "fuzz",
    "starting",
)
HEAD = """# Speed

`./run bench` runs all benchmarks, `./run bench answering counting` some of them; `--write` updates this page. Times
are processor time, the best of several runs; a benchmark with a floor ran alternately with it in the same run. A
floor is the minimum cost of the same task: for pages plain Flask with Jinja and one durable insert, for a count
libsodium alone.
Only rates and waiting times of many clients are wall-clock time; they depend on the other load of the machine.

![Share of its target that each figure uses](pictures/performance.svg)
"""
ROW = "| {what} | {value} | {floor} | {times} | {target} | {met} |"
MET = {True: "yes", False: "**no**", None: ""}


def module_of(name: str) -> ModuleType:
    """Return the module of a benchmark."""
    return import_module(f"tests.bench.{name.replace('-', '_')}")


def machine() -> str:
    """Describe where it was measured, in general words."""
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return (
        f"{os.cpu_count()} cores ({platform.machine()}, {platform.system()}), {gigabytes:.0f} GB, "
        f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}, "
        f"{os.getloadavg()[0]:.0f} programs at work or waiting"
    )


def write(found: dict[str, list[Figure]], folder: Path = DOCS) -> None:
    """Keep what was found beside what earlier runs found of other things, and renew page and plot."""
    path = folder / "performance.json"
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    when = f"{datetime.now(UTC):%Y-%m-%d}, {machine()}"
    kept |= {name: {"when": when, "figures": [asdict(one) for one in several]} for name, several in found.items()}
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    parts = parts_in(path)
    (folder / "performance.md").write_text(page(parts), encoding="utf-8")
    (folder / "pictures").mkdir(exist_ok=True)
    plot([one for _, _, several in parts for one in several], folder / "pictures" / "performance.svg")


def parts_in(path: Path) -> list[tuple[str, str, list[Figure]]]:
    """Read what was measured: the name of each benchmark, when and where, and its figures."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    known = [name for name in ORDER if name in kept]
    return [(name, kept[name]["when"], [Figure(**one) for one in kept[name]["figures"]]) for name in known]


def page(parts: list[tuple[str, str, list[Figure]]]) -> str:
    """Return the page: for each benchmark a table and what limits it."""
    text = [HEAD]
    for name, when, figures in parts:
        module = module_of(name)
        text += [f"## {name.capitalize()}", "", module.__doc__.strip(), "", f"`./run bench {name}`, {when}", ""]
        text += ["| what | measured | floor | times the floor | target | met |", "|---|---|---|---|---|---|"]
        text += [row(one) for one in figures]
        text += ["", f"**What limits it.** {' '.join(module.LIMITS.split())}", ""]
    return "\n".join(text)


def row(one: Figure) -> str:
    """Return a figure as a row of the table."""
    return ROW.format(
        what=one.what,
        value=f"{number(one.value)} {one.unit}",
        floor=f"{number(one.floor)} {one.unit}" if one.floor else "",
        times=number(one.times) if one.times else "",
        target=one.target,
        met=MET[one.met],
    )


def number(value: float) -> str:
    """Write a number with two or three digits that mean something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def plot(figures: list[Figure], path: Path) -> None:
    """Draw how much of what its target allows each figure uses."""
    aimed = [(one, one.used) for one in figures if one.used is not None][::-1]
    canvas = Canvas(figsize=(10, 0.32 * len(aimed) + 1.2), layout="constrained")
    axes = canvas.subplots()
    for place, (one, used) in enumerate(aimed):
        axes.barh(place, used, height=0.6, color="#2b6c5a" if one.met else "#b3541e", hatch=None if one.met else "//")
        axes.text(used * 1.06, place, f"{used:.0%}", va="center", fontsize=8, backgroundcolor="white")
    axes.axvline(1, color="#333333", linewidth=1)
    axes.set_xscale("log")
    axes.set_xlim(0.02, 1.8 * max([1, *(used for _, used in aimed)]))
    axes.set_ylim(-0.7, len(aimed) - 0.3)
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_yticks(range(len(aimed)), [one.what for one, _ in aimed], fontsize=8)
    axes.set_xlabel("share of what the target allows; the line is the target, hatched bars miss it")
    axes.spines[["top", "right"]].set_visible(False)
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "speed", "font.family": "sans-serif"}):
        canvas.savefig(path, format="svg", metadata={"Date": None})
