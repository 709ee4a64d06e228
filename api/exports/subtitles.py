"""A sitting as captions: WebVTT with voices (W3C), and SubRip. Pure.

What could be taken for markup is written so that it is not. SubRip has no comments: it does not
say who made the text, and names whoever speaks before the words, where the voice changes.
"""

import html
from collections.abc import Iterator, Sequence
from dataclasses import replace

from api.exports.captions import LINE, Caption, apart, captions
from api.exports.script import TOLD, Gap, Script, clean
from ingest.french_dates import day

_MOST_LEAD = 26  # characters: a longer name has the first line to itself
# SubRip has no way to write these: players take them for tags and for overrides.
_LOOKALIKE = str.maketrans({"<": "‹", ">": "›", "{": "(", "}": ")"})


def webvtt(script: Script) -> str:
    """WebVTT, each caption in its voice: `<v Prénom Nom>`."""
    session = script.session
    about = f"{session.title}, {session.body}, {day(session.date)}"
    blocks = ["WEBVTT", f"NOTE\n{_escaped(about)}\n{_escaped(script.state)}"]
    for caption in _captions(script, named=False):
        text = "\n".join(map(_escaped, caption.lines))
        entry = script.entries[caption.of]
        if not isinstance(entry, Gap):
            text = f"<v {_escaped(entry.who.name)}>{text}</v>"
        blocks.append(f"{_times(caption, '.')}\n{text}")
    return "\n\n".join(blocks) + "\n"


def subrip(script: Script) -> str:
    """SubRip, with a name before the words where the voice changes."""
    return "".join(
        f"{number}\n{_times(caption, ',')}\n{chr(10).join(caption.lines).translate(_LOOKALIKE)}\n\n"
        for number, caption in enumerate(_captions(script, named=True), 1)
    )


def _captions(script: Script, *, named: bool) -> list[Caption]:
    return apart(list(_in_order(script, named=named)))


def _in_order(script: Script, *, named: bool) -> Iterator[Caption]:
    speaks = None
    for n, entry in enumerate(script.entries):
        if isinstance(entry, Gap):
            yield Caption(entry.start_ms, entry.end_ms, (f"[{TOLD[entry.why]}]",), n)
            continue
        name = f"{entry.who.name} : " if named and entry.who != speaks else ""
        speaks = entry.who
        texts = [clean(word.text) for word in entry.words]
        alone = len(name) > _MOST_LEAD
        first, *others = captions(entry.words, texts, n, LINE if alone else len(name))
        lines = (name.rstrip(), " ".join(first.lines)) if alone else _prefixed(name, first.lines)
        yield replace(first, lines=lines)
        yield from others


def _prefixed(name: str, lines: Sequence[str]) -> tuple[str, ...]:
    return (name + lines[0], *lines[1:])


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)


def _times(caption: Caption, point: str) -> str:
    return f"{_clock(caption.start_ms, point)} --> {_clock(caption.end_ms, point)}"


def _clock(at_ms: int, point: str) -> str:
    seconds, ms = divmod(at_ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{ms:03}"
