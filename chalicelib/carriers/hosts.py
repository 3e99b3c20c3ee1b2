"""Which addresses are asked for what a message had with it: a provider's own, by name, and no
others. Whoever could make us ask elsewhere would read what only we can reach."""

import re
from collections.abc import Collection
from urllib.parse import urlsplit

_PLAIN = re.compile(r"[\x21-\x5b\x5d-\x7e]+")
"""Printable ASCII without a space and without `\\`, which readers of URLs do not all take alike."""
_NAME = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
"""A host's name alone: no user, no port, no brackets."""


def host_of(url: str) -> str | None:
    """The host of a plain https URL; None for anything else."""
    if not _PLAIN.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    host = parts.netloc.lower()
    return host if parts.scheme == "https" and _NAME.fullmatch(host) else None


def is_at(url: str, hosts: Collection[str]) -> bool:
    """Whether a URL is plain https to one of these hosts; `.example` stands for names below it."""
    host = host_of(url)
    if host is None:
        return False
    return any(host.endswith(each) if each.startswith(".") else host == each for each in hosts)
