"""What came to a mail server, which runs as a process of its own: harness/mail_server.py."""

import socket
import subprocess
import sys
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from harness.mail_server import LOGINS
from harness.servers import ServerProcess, free_port


class Mailbox(ServerProcess):
    """The server: plain, with TLS from the first byte (`tls`) or after STARTTLS (`starttls`); with `login`
    for whoever has the password."""

    def __init__(self, folder: Path, *, security: str = "none", login: bool = False) -> None:
        self.port = free_port()
        self.folder = folder
        options = [f"--port={self.port}", f"--folder={folder}", f"--security={security}"]
        options += ["--login"] if login else []
        super().__init__(
            [sys.executable, "-m", "harness.mail_server", *options], folder / "mailbox.log", {}
        )
        self.wait_until_ready()

    def ready(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def mails(self) -> list[EmailMessage]:
        """What came, oldest first, as a mail program reads it. `X-From` and `X-To` are the envelope's."""
        files = sorted(self.folder.glob("*.eml"))
        return [message_from_bytes(each.read_bytes(), policy=default) for each in files]

    @property
    def logins(self) -> list[str]:
        """Who tried to log in."""
        file = self.folder / LOGINS
        return file.read_text().split() if file.exists() else []

    def clear(self) -> None:
        """Forget all that came."""
        for file in self.folder.glob("*.eml"):
            file.unlink()


def make_certificate(folder: Path) -> Path:
    """A certificate of its own for 127.0.0.1, with its key beside it."""
    certificate = folder / "cert.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "1", "-subj", "/CN=mail.test", "-keyout", folder / "key.pem"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    return certificate
