"""A media file, opened by what is allowed; or the one sentence that says why it cannot be used.

Only local files of known formats are opened: a playlist that is named .mp3 must not read other
files. Knows containers and their streams; not what is in the sound (`line`, `ingest.asr.probe`).
"""

import errno
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import av

from ingest.errors import BadInput

# Formats whose readers open nothing but the file itself (D-210).
_FORMATS = "wav,w64,mp3,mov,mp4,m4a,matroska,webm,ogg,flac,aac,aiff,avi,mpegts,mpeg,flv,caf,amr,asf"
_WRITTEN_LENGTH = ("flac", "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "flv", "asf", "caf")
"""Containers that write their length down; of others it is only guessed."""
WITHOUT_CLOCK = ("mp3", "aac", "amr")
"""Formats of frames one after the other: where some are lost, the times of the others move up."""
_HEAD = 4_096  # bytes in which a kind of file shows itself
_SLACK_BYTES = 4_096  # a tag at the end that was cut off takes no sound with it
_PLACEHOLDER = 0x7FFFF000  # as sox, ffmpeg and recorders write what is not known yet, or more
# Bytes before an MP4 box's content; then how many are looked at, and chunks of a CAF: far more than
# recorders write, so that a file that is made to be endless ends.
_BOX_HEAD, _MOST_BOXES, _MOST_CHUNKS = 8, 10_000, 100

_UNREADABLE = (
    "« {name} » n'est pas un enregistrement lisible. Formats acceptés : mp4, m4a, mov, mp3, wav, "
    "webm, mkv, ogg, opus, flac, aac, avi, wma, amr."
)
_NOT_ACCEPTED = "« {name} » est dans un format non accepté : convertissez-le en MP4."
_CUT_OFF = (
    "« {name} » est tronqué : la fin du fichier manque, et sans elle rien ne se lit. Copiez-le de "
    "nouveau depuis la plateforme ou l'enregistreur."
)
_TEXT = "« {name} » est un texte, pas un enregistrement : envoyez le fichier du son lui-même."
_PAGE = (
    "« {name} » est une page web, pas un enregistrement : téléchargez l'enregistrement lui-même, "
    "puis envoyez-le."
)
_DOCUMENT = (
    "« {name} » est {what}, pas un enregistrement : envoyez le fichier du son, ou celui de l'image "
    "avec son."
)
_NO_SOUND = (
    "« {name} » ne contient pas de piste audio : le son a-t-il été enregistré dans un autre "
    "fichier ?"
)
_TRUNCATED = (
    "« {name} » semble tronqué : {there} lues sur {announced} annoncées. Copiez-le de nouveau, ou "
    "convertissez-le pour garder ce qu'il contient."
)
_DOCUMENTS = (
    (b"%PDF", "un document PDF"),
    (b"PK\x03\x04", "un document ou une archive"),
    (b"\xd0\xcf\x11\xe0", "un document de bureautique"),
    (b"Rar!", "une archive"),
    (b"7z\xbc\xaf", "une archive"),
    (b"\x1f\x8b", "une archive"),
    (b"\x89PNG", "une image"),
    (b"\xff\xd8\xff", "une image"),
    (b"GIF8", "une image"),
)


def open_media(path: Path) -> Any:
    """The container, to be closed by the caller; raises `BadInput` with the reason."""
    try:
        container = av.open(
            f"file:{path.absolute()}",
            options={"protocol_whitelist": "file", "format_whitelist": _FORMATS},
        )
    except av.FFmpegError as error:
        raise BadInput(why_unreadable(path, error.errno != errno.EINVAL)) from error
    try:
        _check_bytes(path, container)
    except BadInput:
        container.close()
        raise
    return container


def sound_streams(path: Path, container: Any) -> list[Any]:
    """The streams of sound that can be decoded, in order. Raises `BadInput` if there is none."""
    if not container.streams.audio:
        raise BadInput(_NO_SOUND.format(name=path.name))
    streams = [one for one in container.streams.audio if one.codec_context is not None]
    if not streams:
        raise BadInput(_NOT_ACCEPTED.format(name=path.name))
    return streams


def why_unreadable(path: Path, is_unknown: bool) -> str:
    """What is wrong with a file that does not open; not `is_unknown`: its format is one that is
    known, and not accepted."""
    if other := other_kind(path):
        return other
    with path.open("rb") as file:
        if is_unknown and _is_cut_off(file, path.stat().st_size):
            return _CUT_OFF.format(name=path.name)
    return (_UNREADABLE if is_unknown else _NOT_ACCEPTED).format(name=path.name)


def other_kind(path: Path) -> str:
    """The sentence on a text, a page, a document; nothing for a file that may be sound."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if what := next((what for mark, what in _DOCUMENTS if head.startswith(mark)), None):
        return _DOCUMENT.format(name=path.name, what=what)
    if text := _as_text(head):
        is_page = re.match(r"\s*<(!doctype|html)", text, re.IGNORECASE)
        return (_PAGE if is_page else _TEXT).format(name=path.name)
    return ""


def written_length_s(container: Any, stream: Any) -> tuple[float | None, bool]:
    """How long the sound is, as the file says; and whether that is the sound's own length.

    None where the file does not say. What is not the sound's own may be that of the picture.
    """
    if container.format.name not in _WRITTEN_LENGTH:
        return None, False
    if stream.duration:
        return float(stream.duration * stream.time_base), True
    # Matroska has a tag of each track's length where the program that wrote it cares.
    if tag := re.fullmatch(r"(\d+):(\d+):(\d+(?:\.\d+)?)", stream.metadata.get("DURATION", "")):
        return int(tag[1]) * 3600 + int(tag[2]) * 60 + float(tag[3]), True
    return (container.duration / 1_000_000 if container.duration else None), False


def truncated(path: Path, there_s: float, announced_s: float) -> BadInput:
    """The error that tells of a file that ends well before it should."""
    shown = (f"{round(seconds)} s" for seconds in (there_s, announced_s))
    there, announced = shown
    return BadInput(_TRUNCATED.format(name=path.name, there=there, announced=announced))


def is_missed(there_s: float, announced_s: float) -> bool:
    """Does sound end so early that some of it must be lost?"""
    # Tracks differ by a second or so in their ends; clocks drift by some thousandths.
    return announced_s - there_s > max(2.0, min(30.0, 0.02 * announced_s))


def _check_bytes(path: Path, container: Any) -> None:
    """Raise `BadInput` for a file of those whose reader believes its size, if bytes are missing."""
    size = path.stat().st_size
    with path.open("rb") as file:
        announced = _bytes_announced(file, container.format.name)
    if announced > size + max(_SLACK_BYTES, announced // 100):
        length_s = (container.duration or 0) / 1_000_000
        is_whole = container.format.name in ("mp3", "aiff")  # of others it is of what is there
        whole_s = length_s if is_whole else length_s * announced / size
        raise truncated(path, whole_s * size / announced, whole_s)


def _bytes_announced(file: BinaryIO, container: str) -> int:
    """The bytes that the file should have, 0 where it does not say."""
    head = file.read(10)
    if container in ("wav", "avi") and head[:4] == b"RIFF":
        announced = int.from_bytes(head[4:8], "little")
        return 8 + announced if announced < _PLACEHOLDER else 0
    if container == "aiff" and head[:4] == b"FORM":
        return 8 + int.from_bytes(head[4:8], "big")
    if container == "caf":
        return _caf_bytes(file)
    if container == "mp3":
        tag = _after_id3(head)
        file.seek(tag)
        told = _xing_bytes(file.read(_HEAD))
        return tag + told if told else 0
    return 0


def _caf_bytes(file: BinaryIO) -> int:
    """Where the chunk of sound ends, 0 where that was never written (-1)."""
    at = 8
    for _ in range(_MOST_CHUNKS):
        file.seek(at)
        head = file.read(12)
        length = int.from_bytes(head[4:12], "big", signed=True)
        if len(head) < 12 or length < 0:  # noqa: PLR2004
            return 0
        at += 12 + length
        if head[:4] == b"data":
            return at
    return 0


def _after_id3(head: bytes) -> int:
    """Where the sound begins after an ID3v2 tag, whose length is in four times seven bits."""
    if head[:3] != b"ID3":
        return 0
    length = 0
    for byte in head[6:10]:
        length = length << 7 | byte & 0x7F
    return 10 + length


def _xing_bytes(frame: bytes) -> int:
    """The bytes of sound that a first frame's Xing header tells, else 0."""
    at = max(frame.find(b"Xing"), frame.find(b"Info"))
    if at < 0 or not frame[at + 7] & 2:
        return 0
    place = at + 8 + (4 if frame[at + 7] & 1 else 0)
    return int.from_bytes(frame[place : place + 4], "big")


def _is_cut_off(file: BinaryIO, size: int) -> bool:
    """Is it an MP4 without the whole of the box that says where all the others are?"""
    at, boxes = 0, list(_boxes(file, size))
    for kind, length in boxes:
        at += length
        if kind == b"moov" and at <= size:
            return False
    return bool(boxes) and boxes[0][0] in (b"ftyp", b"wide", b"mdat", b"free", b"skip")


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int]]:
    at = 0
    for _ in range(_MOST_BOXES):
        file.seek(at)
        head = file.read(2 * _BOX_HEAD)
        if len(head) < _BOX_HEAD:
            return
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        length = length if length >= _BOX_HEAD else size - at  # 0: to the end
        yield head[4:8], length
        at += max(length, _BOX_HEAD)


def _as_text(head: bytes) -> str:
    """What a file's first bytes say, if they are text; else nothing."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "ignore")
    text = head.decode("cp1252", "replace")
    controls = sum(byte < ord(" ") and byte not in b"\t\r\n\f\x1b" for byte in head)
    return text if head and not controls else ""
