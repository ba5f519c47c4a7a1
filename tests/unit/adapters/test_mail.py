"""Letters by SMTP, against a server that speaks little but strictly, and into the outbox."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from core.adapters.mail import NoMailer, OutboxMailer, SmtpMailer
from core.ports import Mail, MailUnavailable

LETTER = Mail("to@people.test", "Hello", "A secret: 123\n.\nend é\n")


class SmtpServer:
    """RFC 5321 as far as one letter needs it. With `account` it takes letters after AUTH PLAIN only."""

    def __init__(self, account: str = "") -> None:
        self.account = account
        self.letters: list[str] = []
        self.recipients: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        authenticated = not self.account
        writer.write(b"220 mail.test\r\n")
        while line := (await reader.readline()).decode().rstrip("\r\n"):
            command = line.partition(" ")[0].upper()
            if command == "EHLO":
                answer = "250-mail.test\r\n250-AUTH PLAIN\r\n250 8BITMIME" if self.account else "250 mail.test"
            elif command == "AUTH":
                authenticated = base64.b64decode(line.split()[2]).decode() == f"\0{self.account}"
                answer = "235 welcome" if authenticated else "535 no"
            elif command == "DATA":
                writer.write(b"354 go on\r\n")
                self.letters.append((await reader.readuntil(b"\r\n.\r\n")).decode())
                answer = "250 taken"
            elif command == "QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                self.recipients += [line.upper()] if command == "RCPT" else []
                answer = "250 well" if authenticated or command == "RSET" else "530 who are you"
            writer.write(f"{answer}\r\n".encode())
        await writer.drain()
        writer.close()


@asynccontextmanager
async def running(server: SmtpServer) -> AsyncIterator[int]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    async with listening:
        yield listening.sockets[0].getsockname()[1]


def mailer(port: int, security: str = "none", username: str = "", password: str = "") -> SmtpMailer:
    return SmtpMailer("127.0.0.1", port, security, "from@sealcast.test", username, password)


async def test_a_letter_arrives_as_it_was_written() -> None:
    server = SmtpServer()
    async with running(server) as port:
        await mailer(port).send(LETTER)
    [letter] = server.letters
    assert server.recipients == ["RCPT TO:<TO@PEOPLE.TEST>"]
    assert "Subject: Hello\r\n" in letter
    assert "From: from@sealcast.test\r\n" in letter


async def test_who_has_an_account_logs_in() -> None:
    server = SmtpServer("me\0open sesame")
    async with running(server) as port:
        await mailer(port, username="me", password="open sesame").send(LETTER)
        with pytest.raises(MailUnavailable) as refused:
            await mailer(port, username="me", password="wrong").send(LETTER)
        assert "wrong" not in str(refused.value)
    assert len(server.letters) == 1


async def test_nothing_is_sent_in_the_clear_when_the_server_offers_no_tls() -> None:
    server = SmtpServer()
    async with running(server) as port:
        for security in ("starttls", "tls"):
            with pytest.raises(MailUnavailable):
                await mailer(port, security).send(LETTER)
    assert (server.letters, server.recipients) == ([], [])


async def test_a_line_break_in_an_address_adds_no_header() -> None:
    server = SmtpServer()
    async with running(server) as port:
        with pytest.raises(MailUnavailable):
            await mailer(port).send(Mail("a@people.test\r\nBcc: b@people.test", "x", "x"))
    assert server.letters == []


async def test_a_server_that_is_away_is_told() -> None:
    async with running(SmtpServer()) as port:
        pass
    with pytest.raises(MailUnavailable):
        await mailer(port).send(LETTER)
    with pytest.raises(MailUnavailable):
        await NoMailer().send(LETTER)


async def test_the_outbox_is_its_owners_alone(tmp_path: Path) -> None:
    await OutboxMailer(tmp_path / "outbox").send(LETTER)
    [path] = (tmp_path / "outbox").glob("*.eml")
    assert path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "outbox").stat().st_mode & 0o777 == 0o700
