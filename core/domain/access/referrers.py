"""On whose pages a video may play: VdoCipher's `whitelisthref` (docs playbackauth/whitelist), or plain domains."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import re2

from core.domain.access.lenient_values import refused, text

FIELD = "whitelisthref"
_LONGEST_PATTERN = 255
_LARGEST_PROGRAM = 2000
_MOST_MEMORY = 64 * 1024
_MOST_DOMAINS = 200
_LONGEST_HREF = 4096

_HOST = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}|[0-9a-f:]{2,45}", re.ASCII)


@dataclass(frozen=True)
class ReferrerRule:
    """One of the two: a pattern found anywhere in the host, or domains that cover their subdomains."""

    pattern: str | None = None
    domains: tuple[str, ...] = ()

    def permits(self, host: str | None) -> bool:
        """`host` is lower-case and without port; nobody knows of no host that it is allowed."""
        if host is None:
            return False
        if self.pattern is not None:
            return _compiled(self.pattern).search(host) is not None
        return any(_covers(domain, host) for domain in self.domains)

    def as_json(self) -> Any:
        """The form `referrer_rule` reads."""
        return self.pattern if self.pattern is not None else list(self.domains)


def referrer_rule(value: Any) -> ReferrerRule | None:
    """A string is a pattern in RE2's syntax, a list holds domains. Raises InvalidInput."""
    if isinstance(value, list):
        return _domains(value)
    pattern = text(value, FIELD, _LONGEST_PATTERN + 2)
    # Some clients encode the string as JSON twice.
    while pattern is not None and len(pattern) > 1 and pattern[0] == pattern[-1] and pattern[0] in "\"'":
        pattern = pattern[1:-1].strip()
    if not pattern:
        return None
    _check(pattern)
    return ReferrerRule(pattern=pattern)


def host_of(href: str | None) -> str | None:
    """The host of a page's address; None for what no browser would name as the address of a page."""
    if href is None or len(href) > _LONGEST_HREF or not href.isascii() or re.search(r"[\s\\@]", href):
        return None
    try:
        parts = urlsplit(href)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    return host if parts.scheme in ("http", "https") and _HOST.fullmatch(host) else None


def _domains(given: list[Any]) -> ReferrerRule | None:
    if len(given) > _MOST_DOMAINS:
        raise refused(FIELD, f"must not hold more than {_MOST_DOMAINS} domains")
    found = []
    for number, item in enumerate(given):
        domain = item.strip().lower() if isinstance(item, str) else ""
        if len(domain) > 253 or _HOST.fullmatch(domain) is None:
            raise refused(f"{FIELD}[{number}]", "must be a domain such as example.com, which covers its subdomains")
        found.append(domain)
    return ReferrerRule(domains=tuple(found)) if found else None


def _covers(domain: str, host: str) -> bool:
    """A single label such as localhost stands for itself only: `com` must not be everybody under it."""
    return host == domain or ("." in domain and host.endswith("." + domain))


def _check(pattern: str) -> None:
    if len(pattern) > _LONGEST_PATTERN:
        raise refused(FIELD, f"must not be longer than {_LONGEST_PATTERN} characters")
    try:
        program = _compiled(pattern).programsize
    except re2.error:
        raise refused(FIELD, "is not a regular expression that RE2 knows, or it is too large") from None
    if program > _LARGEST_PROGRAM:
        raise refused(FIELD, "is a regular expression that is too large")


def _compiled(pattern: str) -> Any:
    """RE2 matches in time linear in the host, whatever the pattern."""
    options = re2.Options()
    options.max_mem = _MOST_MEMORY
    options.log_errors = False
    options.case_sensitive = False
    options.never_capture = True
    return re2.compile(pattern, options)
