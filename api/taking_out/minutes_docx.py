"""Minutes as a document: a template, the city's own or ours, filled with a sitting.

A template is somebody's file: it is opened and filled in a child process that is limited, in a
sandbox that gives it the documented fields and nothing else, and taken only after it was filled
with sittings made up for the purpose. What it would load from elsewhere is refused, before and
after it is filled (`docx_package`): it would tell others who reads the minutes.
"""

import re
import traceback
from collections.abc import Callable, Iterable, Sized
from dataclasses import fields, is_dataclass
from functools import wraps
from io import BytesIO
from typing import Any
from zipfile import BadZipFile

from jinja2 import (
    DictLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    UndefinedError,
)
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.nodes import Concat
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from api.taking_out.docx_package import check_package
from api.taking_out.minutes_fields import Minutes
from ingest.errors import BadInput, VerbatimError
from ingest.sandbox import ChildDied, Limits, Report, run_limited

LARGEST_MB = 5
_LIMITS = Limits(cpu_s=10, memory_bytes=1 << 30, wall_s=40.0)
"""With imports the longest sitting (12 hours, 4,000 passages) takes 1.3 s and 220 MB; the rest is
for busy machines, and for templates that do more than ours."""
_LARGEST_PART = 16 << 20  # characters of a part, or of a value: that sitting takes 3 million
_LARGEST_XML = 48 << 20  # bytes, of all parts of a filled document
_LARGEST_FILLED = 20 << 20  # bytes: a template of 5 MB, and that sitting in a zip's 100 KB
_FILTERS = ("capitalize", "default", "first", "join", "last", "length", "lower", "title", "trim")
_GROWING = ("*", "**", "%")  # a short template must not become a long document by itself
_TOO_LONG = (
    "Ce modèle donne un document démesuré : retirez les boucles imbriquées et les textes qui se "
    "doublent, puis redonnez-le."
)


class _Bounding(CodeGenerator):
    """Has what `~` makes looked at, which jinja calls no function of ours for."""

    def visit_Concat(self, node: Concat, frame: Frame) -> None:  # noqa: N802  # jinja's name
        """As it is, and no longer than it may be."""
        self.write("environment.bounded(")
        super().visit_Concat(node, frame)
        self.write(")")


class _Sandbox(ImmutableSandboxedEnvironment):
    """Gives a template our fields and the place in a loop; no method, no function.

    What it makes is bounded: a part, and any value on the way.
    """

    intercepted_binops = frozenset((*_GROWING, "+"))
    code_generator_class = _Bounding

    def __init__(self) -> None:
        super().__init__(loader=DictLoader({}), undefined=StrictUndefined, autoescape=True)
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in (*_FILTERS, "upper")}
        join = self.filters["join"]
        self.filters["join"] = wraps(join)(lambda *given, **how: self.bounded(join(*given, **how)))

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """A field of ours, or of a loop."""
        ours = is_dataclass(obj) and attr in {one.name for one in fields(obj)}
        return ours or (isinstance(obj, LoopContext) and not attr.startswith("_"))

    def wrap_str_format(self, value: Any) -> None:
        """Not even `str.format`, which jinja lets through: it pads as wide as it is asked to."""
        return

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """None of those that could grow without end."""
        if operator in _GROWING:
            raise SecurityError(f"l'opération « {operator} » n'est pas permise")
        return self.bounded(super().call_binop(context, operator, left, right))

    @staticmethod
    def bounded(value: Any) -> Any:
        """A value as it is. Raises `BadInput` for one that is too long."""
        if isinstance(value, Sized) and len(value) > _LARGEST_PART:
            raise BadInput(_TOO_LONG)
        return value

    @staticmethod
    def concat(pieces: Iterable[str]) -> str:
        """The text of a part or of a macro. Raises `BadInput` for one that is too long."""
        kept, length = [], 0
        for piece in pieces:
            length += len(piece)
            if length > _LARGEST_PART:
                raise BadInput(_TOO_LONG)
            kept.append(piece)
        return "".join(kept)


def fill(template: bytes, given: Minutes) -> bytes:
    """A template filled with a sitting. Raises `BadInput` that names what is wrong in it."""
    filled: bytes = _apart(_checked_and_filled, template, given)
    return filled


def check(template: bytes, samples: tuple[Minutes, ...]) -> None:
    """Raise `BadInput` unless a template can be opened, is harmless, and fills every sample."""
    _apart(_tried, template, samples)


def _apart(task: Callable[..., Any], template: bytes, given: object) -> Any:
    """What a task makes of a template in a process that it may exhaust, but not ours."""
    if len(template) > LARGEST_MB << 20:
        raise BadInput(f"Ce modèle dépasse {LARGEST_MB} Mo : réduisez ses images.")
    try:
        return run_limited(task, template, given, limits=_LIMITS, report=lambda _: None)
    except ChildDied:
        raise BadInput(
            "Ce modèle demande trop de temps ou de mémoire pour être rempli : retirez les boucles "
            "imbriquées et les textes qui se doublent, puis redonnez-le."
        ) from None


# --- in the child -----------------------------------------------------------------------------


def _tried(template: bytes, samples: tuple[Minutes, ...], _report: Report) -> None:
    check_package(template)
    for given in samples:
        _filled(template, given)


def _checked_and_filled(template: bytes, given: Minutes, _report: Report) -> bytes:
    check_package(template)
    return _filled(template, given)


def _filled(template: bytes, given: Minutes) -> bytes:
    """The one place where what goes wrong in the libraries becomes a sentence."""
    try:
        filled = _rendered(template, given)
    except (VerbatimError, MemoryError):
        raise
    except TemplateError as error:
        raise BadInput(_told(error)) from None
    except RecursionError:
        raise BadInput(
            "Une macro ou une boucle de ce modèle s'appelle elle-même sans fin : retirez-la."
        ) from None
    except Exception as error:
        if not isinstance(error, BadZipFile | LookupError | ValueError | SyntaxError | TypeError):
            traceback.print_exc()  # nothing but the file is at hand here: but no such one is known
        raise BadInput(
            f"Ce modèle n'a pas pu être rempli ({type(error).__name__}) : ouvrez-le dans votre "
            "traitement de texte, enregistrez-le de nouveau en .docx, puis redonnez-le."
        ) from None
    if len(filled) > _LARGEST_FILLED:
        raise BadInput(_TOO_LONG)
    check_package(filled, _LARGEST_XML)  # a tag may make what a template must not hold
    return filled


def _rendered(template: bytes, given: Minutes) -> bytes:
    from docxtpl import DocxTemplate

    document = DocxTemplate(BytesIO(template))
    context = {one.name: getattr(given, one.name) for one in fields(given)}
    document.render(context, _Sandbox(), autoescape=True)
    saved = BytesIO()
    document.save(saved)
    return saved.getvalue()


# --- what is wrong in it ----------------------------------------------------------------------


def _told(error: TemplateError) -> str:
    if isinstance(error, TemplateNotFound):
        return f"Un modèle ne peut en inclure un autre (« {error.name} ») : retirez cette balise."
    message = error.message or ""
    for pattern, tell in _SAID:
        if found := re.search(pattern, message):
            return tell(found)
    near = _near(error)
    if isinstance(error, TemplateSyntaxError):
        return f"Une balise de ce modèle est mal écrite{near}. Vérifiez ses accolades."
    if isinstance(error, UndefinedError | SecurityError):
        return f"Une balise de ce modèle n'est pas permise{near} : {message}."
    return f"Ce modèle n'a pas pu être rempli{near}."


def _near(error: TemplateError) -> str:
    lines = [line.strip() for line in getattr(error, "docx_context", ())]
    tagged = [line for line in lines if "{%" in line or "{{" in line]
    return f", près de « {tagged[len(tagged) // 2][:120]} »" if tagged else ""


def _names(found: re.Match[str]) -> str:
    return (
        f"Le champ « {found[1]} » n'existe pas : corrigez cette balise d'après la liste des champs."
    )


_SAID: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (r"^'(\w+)' is undefined", _names),
    (r"has no attribute '(\w+)'", _names),
    (r"access to attribute '(\w+)'", _names),
    (
        r"[Nn]o filter named '(\w+)'",
        lambda found: f"Le filtre « {found[1]} » n'existe pas : retirez-le de la balise.",
    ),
    (
        r"[Uu]nknown tag '(\w+)'",
        lambda found: (
            f"La balise « {found[1]} » n'est pas attendue là : vérifiez que chaque « for » a son "
            "« endfor », et chaque « if » son « endif »."
        ),
    ),
    (
        r"[Uu]nexpected end of template",
        lambda _: (
            "Une balise de ce modèle n'est pas fermée : chaque « for » a son « endfor », et chaque "
            "« if » son « endif »."
        ),
    ),
)
