#!/usr/bin/env python3
"""Several cities on one machine: checks their settings, and prints nginx's configuration for them.

    python3 deploy/cities.py /etc/verbatim/cities > /etc/nginx/conf.d/verbatim.conf

Each `NAME/.env` of that folder is one city's: VERBATIM_ADDRESS, VERBATIM_PORT, VERBATIM_DATA, and
what else it sets. Each has its own processes, data, database, bucket and vectors: nothing that one
keeps may be another's, and this refuses what is. Needs Python alone. See docs/deploy.md.
"""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

NEEDED = ("VERBATIM_ADDRESS", "VERBATIM_PORT", "VERBATIM_DATA")
OWN = (*NEEDED, "VERBATIM_DATABASE", "VERBATIM_MEDIA", "VERBATIM_CHROMA", "VERBATIM_BACKUPS",
       "VERBATIM_INBOX")  # fmt: skip
SHARED = {"embedded", "off"}  # values of VERBATIM_CHROMA that name no place
SITE = Path(__file__).with_name("nginx.conf")
_LINE = re.compile(r"\s*(?:export\s+)?([A-Z_]+)\s*=\s*(.*?)\s*$")


def settings(path: Path) -> dict[str, str]:
    """What a `.env` sets."""
    found = map(_LINE.fullmatch, path.read_text("utf-8").splitlines())
    return {line[1]: line[2].strip("'\"") for line in found if line}


def cities(folder: Path) -> dict[str, dict[str, str]]:
    """The settings of each city, by its folder's name. Exits where two share what they must not."""
    known = {path.parent.name: settings(path) for path in sorted(folder.glob("*/.env"))}
    if not known:
        sys.exit(f"{folder}: no city/.env below it")
    owner: dict[tuple[str, str], str] = {}
    for city, given in known.items():
        for name in NEEDED:
            if name not in given:
                sys.exit(f"{city}: {name} is not set")
        for name in OWN:
            value = given.get(name, "").rstrip("/")
            other = owner.setdefault((name, value), city)
            if value and value not in SHARED and other != city:
                sys.exit(f"{city} and {other} have the same {name}: {value}")
    return known


def configuration(known: Mapping[str, Mapping[str, str]], site: str) -> str:
    """`deploy/nginx.conf`, each host name led to its own city's server."""
    hosts = {urlsplit(given["VERBATIM_ADDRESS"]).hostname: given for given in known.values()}
    lines = [f"    {host} 127.0.0.1:{given['VERBATIM_PORT']};" for host, given in hosts.items()]
    by_host = "\n".join(["map $host $verbatim_city {", *lines, "}"])
    names = " ".join(str(host) for host in hosts)
    site = re.sub(r"upstream verbatim \{.*?\n\}", lambda _: by_host, site, flags=re.DOTALL)
    own = "    access_log off;\n"
    other = '    if ($verbatim_city = "") { return 421; }  # a name that is no city\'s\n'
    site = site.replace(own, own + other)
    site = site.replace("server_name seances.exemple.ch;", f"server_name {names};")
    site = site.replace("/live/seances.exemple.ch/", "/live/$ssl_server_name/")
    return site.replace("proxy_pass http://verbatim;", "proxy_pass http://$verbatim_city;")


if __name__ == "__main__":
    if len(sys.argv) != len(["program", "folder"]):
        sys.exit(__doc__)
    print(configuration(cities(Path(sys.argv[1])), SITE.read_text("utf-8")))
