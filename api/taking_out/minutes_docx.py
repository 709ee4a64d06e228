"""Minutes as a document: a template, the city's own or ours, filled with a sitting.

A template is somebody's file: it is filled in a sandbox that gives it the documented fields and
nothing else, and taken only after it was filled with a sitting made up for the purpose. What its
document would load from elsewhere is refused: it would tell others who reads the minutes.
"""

import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from jinja2 import (
    DictLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    UndefinedError,
)
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from api.taking_out.minutes_fields import Minutes
from ingest.errors import BadInput

LARGEST_MB = 5
_LARGEST_UNPACKED = 60 << 20
_MOST_PARTS = 2_000
_ELSEWHERE = re.compile(rb'<Relationship\b[^>]*TargetMode="External"[^>]*>')
_LINK = b"/hyperlink"
_FILTERS = ("capitalize", "default", "first", "join", "last", "length", "lower", "title", "trim")
_OPERATORS = ("*", "**", "%")  # a short template must not become a long document by itself


class _Sandbox(ImmutableSandboxedEnvironment):
    """Gives a template our fields and the place in a loop; no method, no function."""

    intercepted_binops = frozenset(_OPERATORS)

    def __init__(self) -> None:
        super().__init__(loader=DictLoader({}), undefined=StrictUndefined, autoescape=True)
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in (*_FILTERS, "upper")}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """A field of ours, or of a loop."""
        ours = is_dataclass(obj) and attr in {one.name for one in fields(obj)}
        return ours or (isinstance(obj, LoopContext) and not attr.startswith("_"))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """None of those that could grow without end."""
        raise SecurityError(f"l'opération « {operator} » n'est pas permise")


def fill(template: bytes, given: Minutes) -> bytes:
    """A template filled with a sitting. Raises `BadInput` that names what is wrong in it."""
    from docx.opc.exceptions import PackageNotFoundError
    from docxtpl import DocxTemplate

    document = DocxTemplate(BytesIO(template))
    context = {one.name: getattr(given, one.name) for one in fields(given)}
    try:
        document.render(context, _Sandbox(), autoescape=True)
        filled = BytesIO()
        document.save(filled)
    except TemplateError as error:
        raise BadInput(_told(error)) from None
    except (PackageNotFoundError, BadZipFile, KeyError, ValueError, SyntaxError) as error:
        raise BadInput(
            f"Ce modèle n'a pas pu être rempli ({type(error).__name__}) : ouvrez-le dans votre "
            "traitement de texte, enregistrez-le de nouveau en .docx, puis redonnez-le."
        ) from None
    return filled.getvalue()


def check(template: bytes, samples: tuple[Minutes, ...]) -> None:
    """Raise `BadInput` unless a template can be opened, is harmless, and fills every sample."""
    _check_package(template)
    for given in samples:
        fill(template, given)


# --- the file ---------------------------------------------------------------------------------


def _check_package(template: bytes) -> None:
    if len(template) > LARGEST_MB << 20:
        raise BadInput(f"Ce modèle dépasse {LARGEST_MB} Mo : réduisez ses images.")
    try:
        with ZipFile(BytesIO(template)) as package:
            _check_parts(package)
    except BadZipFile:
        raise BadInput(
            "Ce fichier n'est pas un document Word (.docx) : enregistrez votre modèle sous ce "
            "format, puis redonnez-le."
        ) from None


def _check_parts(package: ZipFile) -> None:
    parts = package.infolist()
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _LARGEST_UNPACKED:
        raise BadInput("Ce modèle est trop volumineux une fois ouvert : simplifiez-le.")
    names = {part.filename for part in parts}
    if "word/document.xml" not in names:
        raise BadInput("Ce fichier n'est pas un document Word (.docx) : il n'a pas de texte.")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise BadInput("Ce modèle contient des macros : enregistrez-le en .docx, sans macros.")
    for part in parts:
        if not part.filename.endswith((".xml", ".rels")):
            continue
        content = package.read(part)
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            raise BadInput(
                f"La partie « {part.filename} » de ce modèle n'est pas admise (DOCTYPE)."
            )
        if any(_LINK not in found for found in _ELSEWHERE.findall(content)):
            raise BadInput(
                "Ce modèle va chercher une image ou un modèle ailleurs : insérez les images dans "
                "le document, et détachez-le de son modèle d'origine."
            )


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
