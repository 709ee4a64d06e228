"""Names and codes in a question that an answer must hold.

Pure. Whose words a question asks for is understood in `search.people`.
"""

import re

from search.french import fold, stems
from search.objects import TYPES

_CODE = re.compile(rf"(?:{'|'.join(TYPES)})\d+")
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


def names_in(question: str) -> frozenset[str]:
    """Stems of the question's proper names and object codes: Lausanne, PR-12.

    Somewhere else's cycle track is no answer to a question about Lausanne's.
    """
    words = re.findall(r"[\w'’-]+", question)
    capitals = " ".join(w for w in words[1:] if w[:1].isupper() and fold(w) not in _COMMON)
    codes = (stem for stem in stems(question) if _CODE.fullmatch(stem))
    return frozenset(stems(capitals)) | frozenset(codes)
