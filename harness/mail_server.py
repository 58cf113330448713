"""A mail server as a process on a loopback port, which keeps what it takes: `python -m harness.mail_server`.

The address decides what it answers. It refuses `rcpt-550…` by that code when the address is named, and
`data-451…` after the mail has come. It imports nothing else of ours, so that it
starts quickly.
"""

import argparse
import asyncio
import json
import re
import ssl
from itertools import count
from pathlib import Path
from typing import Any

PASSWORD = "right"

LOGINS = "logins"


class Handler:
    """What the process does with mails."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Take a recipient."""
        if refused := re.match(r"rcpt-(\d+)", address):
            return f"{refused[1]} nobody has the address {address} here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        """Take a mail."""
        if refused := re.match(r"data-(\d+)", envelope.rcpt_tos[0]):
            return f"{refused[1]} {envelope.rcpt_tos[0]} takes no such mail"
        head = f"X-From: {envelope.mail_from}\r\nX-To: {json.dumps(envelope.rcpt_tos)}\r\n"
        part = self._folder / "part"
        part.write_bytes(head.encode() + envelope.content)
        part.rename(self._folder / f"{next(self._numbers):04}.eml")
        return "250 OK"

    def authenticate(self, *given: Any) -> Any:
        """Let in whoever has the password."""
        from aiosmtpd.smtp import AuthResult

        with (self._folder / LOGINS).open("a") as file:
            file.write(f"{given[-1].login.decode()}\n")
        return AuthResult(success=given[-1].password == PASSWORD.encode(), handled=False)


def context_of(folder: Path) -> ssl.SSLContext:
    """The server's side of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


async def serve(arguments: argparse.Namespace) -> None:
    """Take mail until the process is ended."""
    from aiosmtpd.smtp import SMTP

    handler = Handler(arguments.folder)
    context = context_of(arguments.folder) if arguments.security != "none" else None
    starttls = arguments.security == "starttls"

    def session() -> SMTP:
        return SMTP(
            handler,
            hostname="mail.test",
            tls_context=context if starttls else None,
            require_starttls=starttls,
            authenticator=handler.authenticate,
            auth_required=arguments.login,
            auth_require_tls=False,
        )

    server = await asyncio.get_running_loop().create_server(
        session, "127.0.0.1", arguments.port, ssl=None if starttls else context
    )
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--security", choices=["none", "tls", "starttls"], required=True)
    parser.add_argument("--login", action="store_true")
    asyncio.run(serve(parser.parse_args()))
