"""Where to go back to after signing in: a path of this site, and nothing else."""

from urllib.parse import urlsplit

_SIGNING = ("/bureau/connexion", "/bureau/deconnexion", "/bureau/invitation")


def local_path(text: str) -> str | None:
    r"""The path, if it leads nowhere but to a page here. Browsers read `//x`, `/\x` as hosts.

    >>> local_path("/bureau?etat=draft"), local_path("//evil.example"), local_path("/\\evil")
    ('/bureau?etat=draft', None, None)
    """
    if not text.startswith("/") or not text.isprintable() or "\\" in text or " " in text:
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    elsewhere = parts.scheme or parts.netloc or text.startswith("//")
    return None if elsewhere or parts.path.startswith(_SIGNING) else text
