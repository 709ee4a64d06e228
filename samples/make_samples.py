"""Make the sample sittings: audio, roster, agenda, captions, reference and questions.

    python -m venv /tmp/voicing
    /tmp/voicing/bin/pip install -r samples/requirements.txt
    /tmp/voicing/bin/pip install --no-deps -r samples/requirements-nodeps.txt
    npm pack kokoro-js@1.2.1 && tar xzf kokoro-js-1.2.1.tgz     # its package/voices folder
    /tmp/voicing/bin/python samples/make_samples.py --voices package/voices

Deterministic: pauses and room noise are seeded by the sitting's name, the model draws nothing.
Reads `scripts/`, writes `<slug>/` and `questions.jsonl` beside itself. `--questions` writes only
the questions, from the references already there, and needs no voice. `--scripts` and `--out` make
other sittings, without questions, such as those of many figures in `tests/eval/figures`.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
RATE = 24_000
FRAME = RATE * 20 // 1000  # an Opus packet: parts are whole packets, so that durations are exact
LEAD_MS, TAIL_MS = 600, 900
NOISE = 0.0006  # about -64 dBFS: a room is never digitally silent
SENTENCE_GAP_MS, TURN_GAP_MS = (250, 500), (600, 1200)

Json = dict[str, Any]


class ScriptError(Exception):
    """A script says something that cannot be made: the message shows the value."""


@dataclass
class Part:
    """One recording being assembled, on its own time line."""

    chunks: list[Any] = field(default_factory=list)
    samples: int = 0
    cues: list[tuple[int, int, str, str]] = field(default_factory=list)

    @property
    def at_ms(self) -> int:
        return round(self.samples * 1000 / RATE)

    def silence(self, ms: int) -> None:
        self.add(np.zeros(ms * RATE // 1000, np.float32))

    def add(self, audio: Any) -> None:
        self.chunks.append(audio)
        self.samples += len(audio)

    def finish(self, seed: int) -> None:
        """Close on a whole Opus packet and lay the room's noise under everything."""
        self.silence(TAIL_MS)
        self.add(np.zeros(-self.samples % FRAME, np.float32))
        hiss = np.random.default_rng(seed).standard_normal(self.samples).astype(np.float32)
        self.chunks = [np.concatenate(self.chunks) + NOISE * hiss]


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def make_sitting(script: Path, out: Path, people: Json, kokoro: Any) -> None:
    """The story of one sitting, top to bottom."""
    slug, told = script.stem, read_json(script)
    folder = out / slug
    folder.mkdir(exist_ok=True)
    parts, turns = voice_turns(slug, told["turns"], people, kokoro)
    offsets = [sum(p.at_ms for p in parts[:n]) for n in range(len(parts))]
    turns = [shift(turn, offsets[turn["part"]]) for turn in turns]
    for number, part in enumerate(parts, 1):
        write_opus(folder / f"part{number}.opus", part.chunks[0])
        if "captions" in told:
            (folder / f"part{number}.vtt").write_text(webex(part, told["captions"]), "utf-8")
    write_json(folder / "session.json", session_card(slug, told, parts))
    write_json(folder / "agenda.json", timed_agenda(told["agenda"], turns))
    write_json(folder / "reference.json", {"session": slug, "turns": turns})
    write_roster(folder / "roster.csv", people)
    print(f"{slug}: {sum(p.at_ms for p in parts) / 1000:.1f} s in {len(parts)} part(s)")


def voice_turns(
    slug: str, turns: list[Json], people: Json, kokoro: Any
) -> tuple[list[Part], list[Json]]:
    """Speak every turn; returned times are still those of the turn's own part."""
    pauses = random.Random(slug)
    parts: list[Part] = []
    done = []
    for turn in turns:
        number = turn.get("part", 0)
        if number == len(parts):
            parts.append(Part())
            parts[number].silence(LEAD_MS)
        else:
            drawn = pauses.randint(*TURN_GAP_MS)
            parts[number].silence(turn.get("gap_ms", drawn))
        done.append(voice_turn(turn, parts[number], people[turn["speaker"]], kokoro, pauses))
    for number, part in enumerate(parts):
        part.finish(seed=number)
    return parts, done


def voice_turn(turn: Json, part: Part, person: Json, kokoro: Any, pauses: random.Random) -> Json:
    """One person speaks; the part also keeps what the platform wrote, for the captions."""
    captions = turn.get("captions", [""] * len(turn["sentences"]))
    sentences: list[Json] = []
    for text, caption in zip(turn["sentences"], captions, strict=True):
        if sentences:
            part.silence(pauses.randint(*SENTENCE_GAP_MS))
        sentences.append(voice_sentence(text, part, person, kokoro))
        part.cues.append(
            (sentences[-1]["start_ms"], sentences[-1]["end_ms"], turn["speaker"], caption)
        )
    return {
        "speaker": turn["speaker"],
        "agenda": turn["agenda"],
        "start_ms": sentences[0]["start_ms"],
        "end_ms": sentences[-1]["end_ms"],
        "part": turn.get("part", 0),
        "sentences": sentences,
    }


def voice_sentence(text: str, part: Part, person: Json, kokoro: Any) -> Json:
    """`words` is there only where the model's own durations give their times."""
    spoken = kokoro.speak(text, person["voice"], person["speed"])
    start = part.at_ms
    part.add(spoken.audio)
    end = part.at_ms  # start and end are each rounded to the ms, so a last word may overshoot by 1
    sentence = {"start_ms": start, "end_ms": end, "text": text}
    if spoken.words:
        sentence["words"] = [
            {"start_ms": start + w.start_ms, "end_ms": min(end, start + w.end_ms), "text": w.text}
            for w in spoken.words
        ]
    return sentence


def shift(value: Any, offset_ms: int) -> Any:
    """The same turn on the sitting's time line: part 2 goes on where part 1 stopped."""
    if isinstance(value, list):
        return [shift(item, offset_ms) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        k: v + offset_ms if k.endswith("_ms") else shift(v, offset_ms) for k, v in value.items()
    }


def session_card(slug: str, told: Json, parts: list[Part]) -> Json:
    """What the sitting is and which files it came in, with their exact durations."""
    files = [
        {
            "file": f"part{n}.opus",
            "captions": f"part{n}.vtt" if "captions" in told else None,
            "duration_ms": part.at_ms,
        }
        for n, part in enumerate(parts, 1)
    ]
    head = {"id": slug, "title": told["title"], "date": told["date"], "body": told["body"]}
    return {**head, "parts": files, "duration_ms": sum(p.at_ms for p in parts)}


def timed_agenda(agenda: list[Json], turns: list[Json]) -> list[Json]:
    """An item starts with its first turn; an item nobody spoke to has no start."""
    first: dict[str, int] = {}
    for turn in turns:
        first.setdefault(turn["agenda"], turn["start_ms"])
    return [{**item, "start_ms": first.get(item["number"])} for item in agenda]


def write_roster(path: Path, people: Json) -> None:
    """Everybody of the council, the silent ones too: names are told apart among them."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["name", "role", "group"])
        rows.writerows([name, p["role"], p["group"]] for name, p in people.items())


def write_opus(path: Path, audio: Any, bit_rate: int = 28_000) -> None:
    """Mono Opus in Ogg; `bitexact` keeps the stream's serial number out of chance's hands."""
    import av

    options = {"fflags": "+bitexact"}
    with av.open(str(path), "w", format="ogg", options=options) as container:
        stream = container.add_stream("libopus", rate=RATE, layout="mono")
        stream.bit_rate = bit_rate
        pcm = (np.clip(audio, -1, 1) * 32767).astype(np.int16)
        for start in range(0, len(pcm), FRAME):
            block = np.ascontiguousarray(pcm[None, start : start + FRAME])
            frame = av.AudioFrame.from_ndarray(block, format="s16", layout="mono")
            frame.sample_rate, frame.pts = RATE, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def webex(part: Part, captions: Json) -> str:
    """Captions as Webex writes them: numbered cues, the participant above the time line.

    One room device is a participant of its own, whoever speaks into it.
    """
    blocks = ["WEBVTT\n"]
    for number, (start, end, speaker, text) in enumerate(caption_cues(part), 1):
        name = speaker if speaker in captions["participants"] else captions["room"]
        ident = captions["participants"].get(name, captions["room_id"])
        times = f"{vtt_time(start)} --> {vtt_time(end)}"
        blocks.append(f'{number} "{name}" ({ident})\n{times}\n{text}\n')
    return "\n".join(blocks)


def caption_cues(part: Part) -> Iterator[tuple[int, int, str, str]]:
    """A "|" in a caption breaks the sentence over several cues, as the platform does."""
    for start, end, speaker, caption in part.cues:
        pieces = caption.split("|")
        for n, piece in enumerate(pieces):
            a, b = (start + (end - start) * k // len(pieces) for k in (n, n + 1))
            yield a, b, speaker, piece.strip()


def vtt_time(ms: int) -> str:
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"


def find_gold(session: str, quote: str, turns: list[Json]) -> Json:
    """The sentence, or run of sentences of one turn, that holds the quote - exactly one place."""
    found = []
    for turn in turns:
        text, ends = "", []
        for sentence in turn["sentences"]:
            text += sentence["text"] + " "
            ends.append(len(text))
        at = text.find(quote)
        if at >= 0:
            first = next(n for n, end in enumerate(ends) if at < end)
            last = next(n for n, end in enumerate(ends) if at + len(quote) <= end)
            found.append((turn, turn["sentences"][first], turn["sentences"][last]))
    if len(found) != 1:
        raise ScriptError(f"{quote!r} occurs {len(found)} times in {session}, expected once")
    turn, a, b = found[0]
    return {
        "session": session,
        "start_ms": a["start_ms"],
        "end_ms": b["end_ms"],
        "speaker": turn["speaker"],
        "quote": quote,
    }


def write_questions() -> None:
    """Gold intervals come from the quotes, so they cannot drift when a sitting is made again."""
    references = {p.parent.name: read_json(p)["turns"] for p in HERE.glob("*/reference.json")}
    lines = []
    for asked in read_json(HERE / "scripts" / "questions.json"):
        gold = [find_gold(s, q, references[s]) for s, q in asked["gold"]]
        line = {**asked, "answerable": bool(gold), "gold": gold}
        keys = ("id", "question", "answerable", "kind", "gold")
        lines.append(json.dumps({k: line[k] for k in keys}, ensure_ascii=False))
    (HERE / "questions.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"questions.jsonl: {len(lines)} questions")


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the sample sittings.")
    parser.add_argument("--voices", type=Path, help="the voices folder of npm kokoro-js")
    parser.add_argument("--only", help="make this sitting alone")
    parser.add_argument("--questions", action="store_true", help="write only the questions")
    parser.add_argument("--scripts", type=Path, default=HERE / "scripts", help="what is said")
    parser.add_argument("--out", type=Path, default=HERE, help="where sittings are written")
    args = parser.parse_args()
    if not args.questions:
        if args.voices is None:
            parser.error("--voices is needed to voice the sittings (or use --questions)")
        from kokoro_voice import Kokoro

        kokoro, people = Kokoro(args.voices), read_json(args.scripts / "people.json")
        for script in sorted(args.scripts.glob("20*.json")):
            if args.only in (None, script.stem):
                make_sitting(script, args.out, people, kokoro)
    if (args.scripts / "questions.json").exists():
        write_questions()


if __name__ == "__main__":
    main()
