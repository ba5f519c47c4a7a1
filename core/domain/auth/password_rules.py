"""Which passwords are accepted (NIST SP 800-63B, section 5.1.1.2: length counts, composition does not)."""

from __future__ import annotations

from core.domain.errors import InvalidInput

SHORTEST = 12
LONGEST = 128


def check_password(password: str, email: str) -> None:
    """Raises InvalidInput (PASSWORD_WEAK). Lengths in characters; nothing is cut off."""
    name = email.partition("@")[0].lower()
    if not SHORTEST <= len(password) <= LONGEST:
        raise _weak(f"A password has {SHORTEST} to {LONGEST} characters.")
    if len(set(password)) < 5:
        raise _weak("A password of so few different characters is guessed at once.")
    if len(name) > 3 and name in password.lower():
        raise _weak("A password must not contain the name in your e-mail address.")


def _weak(sentence: str) -> InvalidInput:
    return InvalidInput(sentence, code="PASSWORD_WEAK", fields={"password": "weak"})
