"""Mail by SMTP (RFC 5321), or, for development, into a directory."""

from __future__ import annotations

import asyncio
import os
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4

from core.ports import Mail, Mailer, MailUnavailable
from core.settings import Settings

_TIMEOUT_SECONDS = 20


@dataclass(frozen=True)
class SmtpMailer:
    """`security` is "starttls", "tls", or "none" for a relay on the same host. Without a username nobody logs in."""

    host: str
    port: int
    security: str
    sender: str
    username: str = ""
    password: str = field(default="", repr=False)
    certificates: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)

    async def send(self, mail: Mail) -> None:
        try:
            await asyncio.to_thread(self._send, _message(mail, self.sender))
        except (smtplib.SMTPException, OSError, ValueError) as error:
            # Not the error's text: it can quote the letter.
            raise MailUnavailable(f"the mail server did not take a letter: {type(error).__name__}") from None

    def _send(self, message: EmailMessage) -> None:
        with self._connected() as server:
            if self.security == "starttls":
                server.starttls(context=self.certificates)
            if self.username:
                server.login(self.username, self.password)
            server.send_message(message)

    def _connected(self) -> smtplib.SMTP:
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=_TIMEOUT_SECONDS, context=self.certificates)
        return smtplib.SMTP(self.host, self.port, timeout=_TIMEOUT_SECONDS)


@dataclass(frozen=True)
class OutboxMailer:
    """Letters as files that their owner alone can read. For development: nothing is sent."""

    directory: Path

    async def send(self, mail: Mail) -> None:
        await asyncio.to_thread(self._write, _message(mail, "sealcast@localhost").as_bytes())

    def _write(self, letter: bytes) -> None:
        try:
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self.directory / f"{uuid4().hex}.eml", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(letter)
        except OSError as error:
            raise MailUnavailable(f"the outbox cannot be written: {type(error).__name__}") from None


class NoMailer:
    """Where neither is set."""

    async def send(self, mail: Mail) -> None:  # noqa: ARG002 - the port's signature
        raise MailUnavailable("no mail server is set: SEALCAST_SMTP_HOST")


def open_mailer(settings: Settings) -> Mailer:
    if settings.smtp_host is not None:
        return SmtpMailer(
            settings.smtp_host,
            settings.smtp_port,
            settings.smtp_security,
            settings.mail_from,
            settings.smtp_username,
            settings.smtp_password.get_secret_value(),
        )
    return OutboxMailer(settings.mail_outbox) if settings.mail_outbox is not None else NoMailer()


def _message(mail: Mail, sender: str) -> EmailMessage:
    """Raises ValueError for an address or subject with a line break in it."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, mail.to, mail.subject
    message.set_content(mail.text)
    return message
