"""The words of the pages, by key, in one language: `locale/fr.json`, and `fr-*.json` beside it.

Sentences made elsewhere (errors, refusals, dates) come ready from `ingest` and `api`.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

_LOCALES = Path(__file__).parent / "locale"


@dataclass(frozen=True)
class Catalogue:
    """Texts of one language. Called with a key, and the values that its text names."""

    language: str
    texts: dict[str, str]

    def __call__(self, key: str, **values: str | int) -> str:
        """The text of a key. Raises `KeyError` for a key the language lacks."""
        return self.texts[key].format(**values)

    def count(self, key: str, number: int) -> str:
        """The text of `key.one` or `key.many`, as French counts: 0 and 1 are singular."""
        return self(f"{key}.{'one' if number < 2 else 'many'}", n=number)  # noqa: PLR2004

    def who(self, author: str) -> str:
        """Whoever did something, as the log names them: a login, or a part of the machine."""
        return self.texts.get(f"audit.who.{author}", author)


def load_catalogue(language: str = "fr") -> Catalogue:
    """The texts of a language that `locale/` has."""
    texts: dict[str, str] = {}
    for path in (_LOCALES / f"{language}.json", *sorted(_LOCALES.glob(f"{language}-*.json"))):
        texts |= json.loads(path.read_text(encoding="utf-8"))
    return Catalogue(language, texts)


def typeset(text: str) -> str:
    """Text whose French punctuation never begins a line. For display: quotations stay untouched."""
    return re.sub(r" (?=[:;?!»])|(?<=«) ", "\N{NO-BREAK SPACE}", text)
