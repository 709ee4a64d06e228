"""Places on the time line as people write them: 1:02:03, 62:03, 62:03,5 or 3723 seconds."""

import re

from ingest.errors import BadInput

_LAST = 59
_CLOCK = re.compile(
    r"(?:(?:(\d{1,2})\s*[:h]\s*)?(\d{1,3})\s*[:m]\s*)?(\d{1,5})(?:[.,](\d{1,3}))?\s*s?"
)


def read_clock_ms(text: str) -> int:
    """Milliseconds of a place. Raises `BadInput`.

    >>> [read_clock_ms(one) for one in ("1:02:03", "62:03", "3723,5", "0:00:07")]
    [3723000, 3723000, 3723500, 7000]
    """
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        raise BadInput(
            f"Le moment « {text[:20]} » ne se lit pas : écrivez-le comme 1:02:03 (heures, minutes, "
            "secondes) ou 62:03."
        )
    hours, minutes, seconds = (int(part or 0) for part in found.groups()[:3])
    if max(minutes if found[1] else 0, seconds if found[2] else 0) > _LAST:
        raise BadInput(f"Le moment « {text[:20]} » compte plus de 59 minutes ou secondes.")
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int((found[4] or "0").ljust(3, "0"))


def write_clock(at_ms: int) -> str:
    """A place to the tenth of a second, such as `read_clock_ms` reads: 0:12:31,4."""
    tenths = at_ms // 100
    clock = f"{tenths // 36_000}:{tenths // 600 % 60:02}:{tenths // 10 % 60:02}"
    return f"{clock},{tenths % 10}" if tenths % 10 else clock
