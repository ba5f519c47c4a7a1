"""What we write to people. Links lead to the operator's own dashboard, whatever host a request named."""

from __future__ import annotations

from core.ports import Mail


def reset_letter(email: str, dashboard: str, token: str) -> Mail:
    """The token stands behind `#`, which browsers do not send to servers."""
    text = (
        "Somebody, hopefully you, asked for a new password. Choose it here within 30 minutes:\n\n"
        f"{dashboard}/password#token={token}\n\n"
        "If it was not you, do nothing: your password stays as it is.\n"
    )
    return Mail(email, "Choose a new password", text)


def invitation_letter(email: str, dashboard: str, organisation: str, token: str) -> Mail:
    text = (
        f"You are invited to {organisation} on Sealcast. Choose a password here within seven days:\n\n"
        f"{dashboard}/password#token={token}\n"
    )
    return Mail(email, f"Your invitation to {organisation}", text)
