"""Texts by key in the languages of readers, with dates and numbers as each language writes them.

French is whole; a text that another language lacks is French. What the API itself says (refusals,
errors, mails) stands in `api/locale`, what pages say in `web/locale`: `fr.json`, and `fr-*.json`
beside it. Plural forms, names of days and numbers are those of Unicode's CLDR.
"""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

from ingest import french_dates

SOURCE = "fr"
# What CLDR calls them: where a language has several, the one whose dates and numbers are used.
_LOCALES = {"en": "en_GB", "de": "de_CH"}
_HERE = Path(__file__).parent / "locale"


@dataclass(frozen=True)
class Catalogue:
    """Texts of one language. Called with a key, and the values that its text names."""

    language: str
    texts: dict[str, str]

    def __call__(self, key: str, **values: str | int) -> str:
        """The text of a key. Raises `KeyError` for a key that no language has."""
        return self.texts[key].format(**values)

    def count(self, key: str, number: int, **values: str | int) -> str:
        """The text of `key.one`, `key.other`..., by the language's plural form of a number."""
        exact = f"{key}.{self.locale.plural_form(number)}"
        return self(exact if exact in self.texts else f"{key}.other", n=number, **values)

    def who(self, author: str) -> str:
        """Who did something, as the log shows it: a login, or a part of the machine."""
        return self.texts.get(f"audit.who.{author}", author)

    def day(self, when: date | str) -> str:
        """A date (ISO 8601 where it is text): mardi 11 mars 2025, Tuesday 11 March 2025."""
        when = date.fromisoformat(when) if isinstance(when, str) else when
        return self._date(when, "date.day", french_dates.day(when))

    def long_date(self, when: date) -> str:
        """A date without its weekday: 11 mars 2025, 11 March 2025."""
        if self.language == SOURCE:
            return f"{french_dates.day_of_year(when)} {when.year}"
        return str(format_date(when, "long", locale=self.locale))

    def day_of_month(self, when: date) -> str:
        """A date below its month: mardi 11, Tuesday 11."""
        weekday, day, *_ = french_dates.day(when).split()
        return self._date(when, "date.day_of_month", f"{weekday} {day}")

    def month(self, number: int) -> str:
        """The name of a month, 1 to 12, as it stands alone."""
        return str(self.locale.months["stand-alone"]["wide"][number])

    def number(self, value: float, decimals: int) -> str:
        """A number with at most so many decimals: 1 234,5."""
        return str(format_decimal(round(value, decimals), locale=self.locale))

    def percent(self, share: float, decimals: int = 0) -> str:
        """A share of 1: 12 %."""
        rounded = round(share, decimals + 2)
        return str(format_percent(rounded, locale=self.locale, decimal_quantization=False))

    def _date(self, when: date, key: str, french: str) -> str:
        """By the language's own pattern; CLDR has no « 1er » for French."""
        if self.language == SOURCE:
            return french
        return format_date(when, self.texts[key], locale=self.locale)

    @property
    def locale(self) -> Locale:
        """The rules of the language."""
        return _locale(self.language)

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return self.locale.text_direction


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(_LOCALES.get(language, language))


@cache
def catalogue(language: str = SOURCE, *folders: Path) -> Catalogue:
    """The texts of a language in `api/locale` and `folders`, over the French ones."""
    texts: dict[str, str] = {}
    for code in dict.fromkeys((SOURCE, language)):
        for folder in (_HERE, *folders):
            for path in (folder / f"{code}.json", *sorted(folder.glob(f"{code}-*.json"))):
                if path.is_file():
                    texts |= json.loads(path.read_text(encoding="utf-8"))
    return Catalogue(language, texts)


def address_in(language: str, address: str) -> str:
    """The address, in a language, of what a French address names."""
    return address if language == SOURCE else f"/{language}{address}"
