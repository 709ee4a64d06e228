"""The page on which a session is reviewed: text beside sound, hands on the keyboard; its voices.

Gives the frame, the texts and the one table of shortcuts, which the script obeys and the help
shows. The script fills the page from the editor's routes, which know what an edit is; without a
script there is nothing to edit with, and the page says so.
"""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from api.views.session import session_view
from api.views.wording import Who, nameless, who
from ingest.archive.repository import Archive, has_words, outlines
from ingest.archive.repository import speakers as archive_speakers
from ingest.editing.edits import read_name
from ingest.errors import UserError
from ingest.intake.again import has_tracks, untouched_source
from ingest.text import clock
from ingest.transcript import Session
from web.office.page import AsClerk, Office, see_other, session_address
from web.site import READ


class Mode(StrEnum):
    """Where the focus is: on a turn, in a turn's text, on a button, or among the names.

    `ANYWHERE` is all of these, but no dialogue.
    """

    READING = "reading"
    EDITING = "editing"
    ELSEWHERE = "elsewhere"
    ANYWHERE = "anywhere"
    SPEAKER = "speaker"


@dataclass(frozen=True)
class Shortcut:
    """The keys of one action. `keys` are `KeyboardEvent.key`s, modifiers before them.

    Text: `review.key.<action>`. The first keys are shown; those in `also` work as well.
    """

    action: str
    mode: Mode
    keys: tuple[str, ...]
    also: tuple[str, ...] = ()

    @property
    def all_keys(self) -> str:
        """For the script: every chord, parted by spaces."""
        return " ".join((*self.keys, *self.also))


@dataclass(frozen=True)
class Group:
    """Shortcuts that belong together. Title: `review.keys.<name>`."""

    name: str
    shortcuts: tuple[Shortcut, ...]


def _reading(action: str, *keys: str, also: tuple[str, ...] = ()) -> Shortcut:
    return Shortcut(action, Mode.READING, keys, also)


def _editing(action: str, *keys: str, also: tuple[str, ...] = ()) -> Shortcut:
    return Shortcut(action, Mode.EDITING, keys, also)


def _anywhere(action: str, *keys: str, also: tuple[str, ...] = ()) -> Shortcut:
    return Shortcut(action, Mode.ANYWHERE, keys, also)


GROUPS = (
    Group(
        "listen",
        (
            _reading("play", "Space"),
            _reading("replay", "R"),
            _reading("faster", "+", also=("=",)),  # unshifted, the AZERTY key that bears the +
            _reading("slower", "-"),
        ),
    ),
    Group(
        "move",
        (
            _reading("next_turn", "ArrowDown"),
            _reading("previous_turn", "ArrowUp"),
            _reading("next_word", "ArrowRight"),
            _reading("previous_word", "ArrowLeft"),
            _reading("next_sentence", "Ctrl+ArrowRight"),
            _reading("previous_sentence", "Ctrl+ArrowLeft"),
            _reading("next_doubt", "D"),
            _reading("previous_doubt", "Shift+D"),
            _reading("next_unnamed", "N"),
            _reading("previous_unnamed", "Shift+N"),
            _reading("first_turn", "Home"),
            _reading("last_turn", "End"),
            _reading("filter", "F"),
        ),
    ),
    Group(
        "correct",
        (
            _reading("edit", "Enter", also=("F2",)),
            _reading("remove", "Delete"),
            _reading("speaker", "Q"),
            _reading("split", "S"),
            _reading("join", "J"),
            _reading("give_next", "Shift+ArrowDown"),
            _reading("give_previous", "Shift+ArrowUp"),
            _reading("accept", "A"),
            _reading("check", "V"),
            _reading("uncheck", "Shift+V"),
            _reading("withhold", "B"),
            _reading("undo", "Ctrl+Z"),
            _reading("redo", "Ctrl+Y", also=("Ctrl+Shift+Z",)),
            _reading("history", "H"),
        ),
    ),
    Group(
        "write",
        (
            _editing("leave", "Enter", "Escape", also=("Ctrl+S",)),
            _editing("leave_and_check", "Ctrl+Enter"),
            _anywhere("play", "F8", "Ctrl+Space"),
            _anywhere("replay", "F4"),
            _anywhere("replace", "Ctrl+H"),
            _anywhere("help", "F1"),
            Shortcut("back", Mode.ELSEWHERE, ("Escape",)),
        ),
    ),
    Group(
        "everywhere",
        (
            _reading("replace", "C"),
            _reading("always", "G"),
            _reading("help", "?"),
        ),
    ),
    Group(
        "speaker",
        (
            Shortcut("speaker_here", Mode.SPEAKER, ("Enter",)),
            Shortcut("speaker_everywhere", Mode.SPEAKER, ("Ctrl+Enter",)),
            Shortcut("speaker_listen", Mode.SPEAKER, ("F8", "Ctrl+Space")),
        ),
    ),
)


router = APIRouter(prefix="/bureau", include_in_schema=False)
RATES = ("0.75", "1", "1.25", "1.5", "1.75", "2")
_SAID = "review.say."


@router.api_route("/seances/{session_id}/relecture", methods=READ, response_class=HTMLResponse)
def review(session_id: str, office: AsClerk) -> HTMLResponse:
    """The review of one session; of one without a word, what can be done."""
    archive, texts = office.desk.archive, office.site.text.texts
    session = archive.session(session_id)
    with archive.engine.connect() as db:
        if not has_words(db, session_id):
            source = untouched_source(db, office.desk.settings.data, session_id)
            shown, again = session_view(session), source is not None
            return office.page("office/review_wordless.html", session=shown, again=again)
    return office.page(
        "office/review.html",
        session=session_view(session),
        groups=GROUPS,
        rates=RATES,
        said={k.removeprefix(_SAID): v for k, v in texts.items() if k.startswith(_SAID)},
    )


# --- voices -----------------------------------------------------------------------------------

_SAMPLE_MS = 8_000  # of a voice's longest turn: enough to know somebody by


@dataclass(frozen=True)
class VoiceLine:
    """A voice as it is listed: who it is, how long it speaks, and where to hear it."""

    label: str
    who: Who
    reason: str
    turns: int
    spoken: str
    start_ms: int
    end_ms: int
    start: str
    shares: bool
    """Does another voice bear the same name?"""


def voices_of(archive: Archive, session: Session) -> list[VoiceLine]:
    """The voices of a session that speak, the longest first."""
    with archive.engine.connect() as db:
        turns = outlines(db, session.id)
        speakers = archive_speakers(db, session.id)
    numbers = nameless((turn.speaker for turn in turns), speakers)
    names = Counter(speaker.person for speaker in speakers if speaker.person)
    lines = []
    for speaker in speakers:
        own = [turn for turn in turns if turn.speaker == speaker.label]
        if not own:
            continue
        longest = max(own, key=lambda turn: turn.end_ms - turn.start_ms)
        spoken_ms = sum(turn.end_ms - turn.start_ms for turn in own)
        line = VoiceLine(
            label=speaker.label,
            who=who(session, speaker.person, numbers.get(speaker.label)),
            reason=speaker.reason,
            turns=len(own),
            spoken=clock(spoken_ms) if session.is_recorded else "",
            start_ms=longest.start_ms,
            end_ms=min(longest.end_ms, longest.start_ms + _SAMPLE_MS),
            start=clock(longest.start_ms),
            shares=bool(speaker.person) and names[speaker.person or ""] > 1,
        )
        lines.append((spoken_ms, line))
    return [line for _, line in sorted(lines, key=lambda pair: -pair[0])]


@router.api_route("/seances/{session_id}/voix", methods=READ, response_class=HTMLResponse)
def voices(session_id: str, office: AsClerk) -> HTMLResponse:
    """The voices, each with a sample, to be named or joined with another."""
    return _voices_page(office, session_id)


def _voices_page(office: Office, session_id: str, error: UserError | None = None) -> HTMLResponse:
    session = office.desk.archive.session(session_id)
    return office.page(
        "office/voices.html",
        error,
        session=session_view(session),
        voices=voices_of(office.desk.archive, session),
        people=[person.name for person in session.roster],
        most_voices=session.most_voices,
        can_be_told_apart=session.has_audio and not has_tracks(session),
    )


@router.post("/seances/{session_id}/voix")
def settle(
    session_id: str,
    office: AsClerk,
    voix: Annotated[str, Form(max_length=40)],
    acte: Annotated[Literal["nommer", "reunir"], Form()],
    personne: Annotated[str, Form(max_length=200)] = "",
    avec: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Say who a voice is, wherever it speaks, or that it is another voice."""
    changes, by = office.desk.changes, office.account.login
    known = [person.name for person in office.desk.archive.session(session_id).roster]
    try:
        if acte == "nommer":
            changes.name(session_id, voix, read_name(personne, known), by)
        else:
            changes.unite(session_id, voix, avec, by)
    except UserError as error:
        return _voices_page(office, session_id, error)
    return see_other(session_address(session_id, "voix"))
