"""JSON objects out of a text that comes in pieces, each as soon as it is whole.

Models put them one a line, in an array, in a larger object, between fences or among prose: what is
around them does not matter, nor does what a model "thinks" first between <think> and </think>.
"""

import json
from collections.abc import Iterator, Mapping

_DEEPEST = 8


class Objects:
    """Finds the objects that have the key `key`."""

    def __init__(self, key: str) -> None:
        self.any = False  # whether any object was whole, with the key or without
        self._key = key
        self._text = ""
        self._read = 0
        self._starts: list[int] = []
        self._in_string = self._escaped = False

    def feed(self, piece: str) -> Iterator[Mapping[str, object]]:
        """The objects that this piece makes whole."""
        self._text += piece
        while self._read < len(self._text):
            sign = self._text[self._read]
            self._read += 1
            if self._in_string:
                self._string(sign)
            elif sign == '"' and self._starts:
                self._in_string = True
            elif sign == "{":
                self._starts = [*self._starts, self._read - 1][-_DEEPEST:]
            elif sign == "}" and self._starts and (found := self._whole()) is not None:
                yield found

    @property
    def unfinished(self) -> bool:
        """Did the text end in the middle of an object that has the key?"""
        return bool(self._starts) and f'"{self._key}"' in self._text[self._starts[-1] :]

    def _string(self, sign: str) -> None:
        if sign == "\n":  # no JSON string has one: the line was broken off, the next begins anew
            self._in_string, self._starts = False, []
        elif self._escaped:
            self._escaped = False
        elif sign == "\\":
            self._escaped = True
        elif sign == '"':
            self._in_string = False

    def _whole(self) -> Mapping[str, object] | None:
        start = self._starts.pop()
        try:
            found = json.loads(self._text[start : self._read])
        except (ValueError, RecursionError):
            return None
        if "<think>" in self._text and "</think>" not in self._text:
            return None
        self.any = True
        return found if isinstance(found, dict) and self._key in found else None
