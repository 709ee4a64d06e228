"""Weights: assembled once, whole or not at all; never used unless they are the expected ones."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ingest.errors import ModelUnavailable
from ingest.weights import cached, package_dir, packaged_campplus, packaged_whisper, verify


def test_a_folder_is_made_once_and_whole(tmp_path: Path) -> None:
    made = []

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "weights").write_text("w")

    target = tmp_path / "model"
    for _ in range(2):
        assert (cached(target, make) / "weights").read_text() == "w"
    assert len(made) == 1


def test_what_fails_halfway_leaves_nothing(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "weights").write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        cached(tmp_path / "model", fail)
    assert list(tmp_path.iterdir()) == []


def test_many_at_once_all_get_a_whole_folder(tmp_path: Path) -> None:
    def make(folder: Path) -> None:
        for n in range(20):
            (folder / str(n)).write_text(str(n))

    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(lambda _: cached(tmp_path / "model", make), range(8)))
    assert {len(list(folder.iterdir())) for folder in folders} == {20}
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_other_weights_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "weights.bin"
    with pytest.raises(ModelUnavailable, match=r"weights\.bin"):
        verify(path, "0" * 64)
    path.write_bytes(b"something else")
    with pytest.raises(ModelUnavailable, match="SHA-256"):
        verify(path, "0" * 64)


def test_a_package_that_is_not_installed_is_named() -> None:
    with pytest.raises(ModelUnavailable, match="no_such_package"):
        package_dir("no_such_package")


@pytest.mark.models
def test_the_packaged_models_are_the_expected_ones(tmp_path: Path) -> None:
    folder = packaged_whisper(tmp_path)
    assert {path.name for path in folder.iterdir()} >= {"model.bin", "config.json"}
    source, weights = packaged_campplus()
    assert source.is_file() and weights.is_file()
    (folder / "model.bin").write_bytes(b"not a model")
    with pytest.raises(ModelUnavailable, match=r"model\.bin"):
        packaged_whisper(tmp_path)
