"""Names and codes in a question that an answer must hold.

Pure. Whose words a question asks for is parsed in `search.query.people`.
"""

import re

from search.language.codes import TYPES
from search.language.stems import fold, stems
from search.query.parsed import Query

_CODE = re.compile(rf"(?:{'|'.join(TYPES)})\d+")
_WORDS = re.compile(r"[\w'’-]+")
_COMMON = frozenset(
    (
        "m",
        "mr",
        "mme",
        "monsieur",
        "madame",
        "messieurs",
        "mesdames",
        "conseil",
        "ville",
        "commune",
        "etat",
    )
)


def names_in(query: Query) -> frozenset[str]:
    """Stems of the question's proper names and object codes: Lausanne, PR-12.

    Somewhere else's cycle track is no answer to a question about Lausanne's. A name that became a
    filter is held by whatever passes it; German writes all nouns with a capital.
    """
    filtered = {w for chip in query.chips if not chip.soft for w in _WORDS.findall(chip.words)}
    words = _WORDS.findall(query.wording)[1:] if query.language != "de" else ()
    capitals = " ".join(
        w for w in words if w[:1].isupper() and fold(w) not in _COMMON and w not in filtered
    )
    codes = (stem for stem in stems(query.wording) if _CODE.fullmatch(stem))
    return frozenset(stems(capitals)) | frozenset(codes)
