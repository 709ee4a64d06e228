"""Check the sample sittings: files agree with each other, audio decodes, voices are audible.

    python samples/check_samples.py                          # structure and audio
    python samples/check_samples.py --whisper FOLDER         # and word error rate per voice

FOLDER holds a CTranslate2 Whisper model (model.bin, config.json, tokenizer.json, vocabulary.json).
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import av
import numpy as np
from make_samples import HERE, Json, read_json

MAX_BYTES = 1_200_000
QUIETEST = 0.02  # RMS of a sentence; they are levelled at 0.08 before coding


class SampleError(Exception):
    """A sample file contradicts another one; the message names both values."""


def expect(ok: bool, message: str) -> None:
    """Raise SampleError with that message unless `ok`."""
    if not ok:
        raise SampleError(message)


def decode(path: Path, rate: int = 16_000) -> Any:
    """The file as float32 mono, through the same decoder as the product."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
    with av.open(str(path)) as container:
        frames = [r for f in container.decode(audio=0) for r in resampler.resample(f)]
    frames += resampler.resample(None)
    return np.concatenate([f.to_ndarray()[0] for f in frames])


def check_sitting(folder: Path) -> dict[str, float]:
    """Raises SampleError; returns seconds spoken by each speaker."""
    card, turns = read_json(folder / "session.json"), read_json(folder / "reference.json")["turns"]
    audio = []
    for part in card["parts"]:
        path = folder / part["file"]
        audio.append(decode(path))
        length = round(len(audio[-1]) / 16)
        expect(path.stat().st_size < MAX_BYTES, f"{path}: {path.stat().st_size} bytes")
        expect(abs(length - part["duration_ms"]) <= 20, f"{path}: {length} ms, card says {part}")
        expect(not part["captions"] or (folder / part["captions"]).is_file(), f"{part}")
    expect(card["duration_ms"] == sum(p["duration_ms"] for p in card["parts"]), f"{card}")
    check_times(folder, turns, card["duration_ms"])
    return check_voices(turns, np.concatenate(audio))


def check_times(folder: Path, turns: list[Json], duration_ms: int) -> None:
    """Sentences follow each other, words lie in their sentence, agenda items in order."""
    at = 0
    for turn in turns:
        for sentence in turn["sentences"]:
            start, end = sentence["start_ms"], sentence["end_ms"]
            expect(at <= start < end <= duration_ms, f"{folder.name}: {sentence['text']} {start}")
            for word in sentence.get("words", []):
                inside = start <= word["start_ms"] <= word["end_ms"] <= end
                expect(inside, f"{folder.name}: {word} outside {start}-{end}")
            at = end
    starts = [i["start_ms"] for i in read_json(folder / "agenda.json")]
    expect(starts == sorted(starts), f"{folder.name}: agenda {starts}")


def check_voices(turns: list[Json], audio: Any) -> dict[str, float]:
    """Every sentence can be heard where the reference says it is; seconds by speaker."""
    spoken: dict[str, float] = defaultdict(float)
    for turn in turns:
        for sentence in turn["sentences"]:
            clip = audio[sentence["start_ms"] * 16 : sentence["end_ms"] * 16]
            loudness = float(np.sqrt(np.mean(clip**2)))
            expect(loudness > QUIETEST, f"{loudness:.3f} RMS: {sentence['text']}")
            spoken[turn["speaker"]] += len(clip) / 16_000
    return dict(spoken)


def check_questions() -> int:
    """Every gold quote is in the reference, inside its interval; how many questions."""
    lines = (HERE / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    references = {p.parent.name: read_json(p)["turns"] for p in HERE.glob("*/reference.json")}
    for question in map(json.loads, lines):
        expect(question["answerable"] == bool(question["gold"]), f"{question}")
        for gold in question["gold"]:
            said = " ".join(
                s["text"]
                for turn in references[gold["session"]]
                for s in turn["sentences"]
                if gold["start_ms"] <= s["start_ms"] and s["end_ms"] <= gold["end_ms"]
            )
            expect(gold["quote"] in said, f"{question['id']}: {gold['quote']!r} not in {said!r}")
    return len(lines)


def normal(text: str) -> str:
    """Lower case, no punctuation, numbers in digits: spelling choices are not errors."""
    from text_to_num import alpha2digit

    text = re.sub(r"(?<=\d)[ .,\u202f](?=\d{3})", "", text.lower().replace("’", "'"))
    digits = alpha2digit(re.sub(r"[^\w'àâäéèêëîïôöùûüç -]", " ", text), "fr")
    return " ".join(re.sub(r"[-']", " ", digits).split())


def measure_wer(folder: Path, model: Any) -> None:
    """Prints the WER of the sitting, and of each voice over its own turns."""
    import jiwer

    card, turns = read_json(folder / "session.json"), read_json(folder / "reference.json")["turns"]
    audio = np.concatenate([decode(folder / p["file"]) for p in card["parts"]])
    pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for turn in turns:
        clip = audio[turn["start_ms"] * 16 - 3200 : turn["end_ms"] * 16 + 3200]
        options = {"language": "fr", "beam_size": 5, "condition_on_previous_text": False}
        heard = " ".join(s.text for s in model.transcribe(clip, **options)[0])
        wanted = " ".join(s["text"] for s in turn["sentences"])
        print(f"    {turn['speaker']}: {wanted}\n      -> {heard.strip()}")
        pairs[turn["speaker"]].append((normal(wanted), normal(heard)))
    for speaker, said in pairs.items():
        print(f"  {speaker}: WER {jiwer.wer(*map(list, zip(*said, strict=True))):.2f}")
    every = [pair for said in pairs.values() for pair in said]
    print(f"{folder.name}: WER {jiwer.wer(*map(list, zip(*every, strict=True))):.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Check the sample sittings.")
    parser.add_argument("--whisper", type=Path, help="folder of a CTranslate2 Whisper model")
    parser.add_argument("--only", help="check this sitting alone")
    args = parser.parse_args()
    folders = [p.parent for p in sorted(HERE.glob("*/session.json"))]
    folders = [f for f in folders if args.only in (None, f.name)]
    for folder in folders:
        spoken = check_sitting(folder)
        print(folder.name, {name: round(s) for name, s in spoken.items()})
    if (HERE / "questions.jsonl").exists():
        print(f"{check_questions()} questions agree with the references")
    if args.whisper:
        from faster_whisper import WhisperModel

        model = WhisperModel(str(args.whisper), device="cpu", compute_type="int8")
        for folder in folders:
            measure_wer(folder, model)


if __name__ == "__main__":
    main()
