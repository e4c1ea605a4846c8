"""Nginx as deploy/nginx.conf has it, with the ports and folders of a test and a certificate made here."""

import re
import shutil
import signal
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.config import ROOT
from tests.hosts.servers import PATIENCE, answers, free_port, wait_until

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
EXAMPLE = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
PAGES = "/usr/share/voimavara/"
KINDS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def make_certificate(folder: Path) -> None:
    """Write a certificate for 127.0.0.1 that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "survey.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "survey.example.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))
    (folder / "survey.example.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))


def adapted(example: str, folder: Path, *, front: int, plain: int, back: int) -> str:
    """The example with the ports and folders of a test; everything else as it is."""
    changed = example.replace("listen 443 ssl;", f"listen 127.0.0.1:{front} ssl;")
    changed = changed.replace("listen 80;", f"listen 127.0.0.1:{plain};")
    changed = changed.replace("127.0.0.1:5000", f"127.0.0.1:{back}")
    changed = changed.replace(PAGES, f"{ROOT}/deploy/")
    changed = re.sub(r"/etc/ssl/(private/)?", f"{folder}/", changed)
    return changed.replace("/var/log/nginx", f"{folder}/logs")


class Front:
    """An nginx of its own in a folder of its own."""

    def __init__(self, folder: Path, back: int, example: str = EXAMPLE):
        self.folder = Path(folder)
        self.port = free_port()
        self.plain = free_port()
        self.process = None
        (self.folder / "logs").mkdir(parents=True)
        make_certificate(self.folder)
        site = adapted(example, self.folder, front=self.port, plain=self.plain, back=back)
        (self.folder / "site.conf").write_text(site, encoding="utf-8")
        temporary = "\n".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in KINDS)
        (self.folder / "nginx.conf").write_text(
            f"daemon off; master_process off; pid {self.folder}/pid; error_log {self.folder}/logs/main.log notice;\n"
            f"events {{}}\nhttp {{ access_log {self.folder}/logs/access.log; {temporary} include site.conf; }}\n",
            encoding="utf-8",
        )

    @property
    def command(self):
        return [NGINX, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]

    @property
    def trust(self):
        """What a client needs to know the certificate."""
        return ssl.create_default_context(cafile=str(self.folder / "survey.example.pem"))

    def check(self):
        """What nginx itself says of its settings."""
        told = subprocess.run([*self.command, "-t"], capture_output=True, text=True, check=False)
        return told.returncode, told.stderr

    def start(self):
        with (self.folder / "nginx.log").open("wb") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=subprocess.STDOUT, cwd=self.folder)
        wait_until(lambda: answers("127.0.0.1", self.port))
        return self

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(PATIENCE)

    def written(self):
        """Everything that it wrote into any file."""
        found = [path for path in self.folder.rglob("*") if path.is_file() and path.suffix in {".log", ""}]
        return "\n".join(path.read_bytes().decode(errors="replace") for path in found)
