"""A file that a command writes is whole or not there, and only its owner may read it."""

import os
import stat

import click
import pytest

from app.cli import output


def test_a_written_file_replaces_the_earlier_one_and_is_private(tmp_path):
    target = tmp_path / "people.csv"
    target.write_bytes(b"old")
    target.chmod(0o644)
    output.write_output(b"new", target)
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["people.csv"]


def test_a_write_that_fails_keeps_the_earlier_file_and_leaves_nothing_beside_it(tmp_path, monkeypatch):
    target = tmp_path / "people.csv"
    target.write_bytes(b"old")

    class FullDisk:
        def __enter__(self):
            return self

        def __exit__(self, *_error):
            return None

        def write(self, _content):
            raise OSError(28, "No space left on device")

    def full(descriptor, _mode):
        os.close(descriptor)
        return FullDisk()

    monkeypatch.setattr(output.os, "fdopen", full)
    with pytest.raises(click.ClickException, match=r"people\.csv cannot be written: No space left on device\."):
        output.write_output(b"new", target)
    assert target.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["people.csv"]


def test_a_folder_that_does_not_exist_is_told_in_a_sentence(tmp_path):
    with pytest.raises(click.ClickException, match="cannot be written: No such file or directory"):
        output.write_output(b"new", tmp_path / "nowhere" / "people.csv")
