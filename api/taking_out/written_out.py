"""A sitting as plain text, laid out as minutes are. Pure.

One paragraph a speech, after the name of who speaks: `Claire Fontanet, conseillère (PS) : ...`.
Read back by `ingest.texts.minutes`, it names the same people.
"""

from collections.abc import Iterator

from api.taking_out.script import TOLD, Chapter, Gap, Script, Speech, heading
from api.vote_wording import told
from api.wording import Who, day, extent
from ingest.text import clock


def plain_text(script: Script, *, timecodes: bool) -> str:
    """The whole sitting; with `timecodes`, the clock before each speech that has a sound."""
    session = script.session
    with_clocks = timecodes and session.has_audio
    about = f"{session.body}, {day(session.date)}, {extent(session)}"
    blocks = [f"{session.title}\n{about}\n{script.state}"]
    for chapter in script.chapters:
        blocks += _chapter(chapter, with_clocks=with_clocks)
    return "\n\n".join(blocks) + "\n"


def _chapter(chapter: Chapter, *, with_clocks: bool) -> Iterator[str]:
    if chapter.item:
        yield heading(chapter.item)
    speaks: Who | None = None
    for entry in chapter.entries:
        at = f"[{clock(entry.start_ms)}] " if with_clocks else ""
        if isinstance(entry, Gap):
            speaks = None
            yield f"{at}[{TOLD[entry.why]}]"
        else:
            yield at + _paragraph(entry, named=entry.who != speaks)
            speaks = entry.who
    for vote in chapter.votes:
        checked = "" if vote.confirmed else " (relevé automatiquement)"
        yield f"[Décision : {told(vote)}{checked}]"


def _paragraph(speech: Speech, *, named: bool) -> str:
    who = speech.who
    if not named or (not who.known and speech.label is None):
        return speech.text
    role = f", {who.role}" if who.role else ""
    group = f" ({who.group})" if who.group else ""
    return f"{who.name}{role}{group} : {speech.text}"
