"""A relay that offers encryption with a certificate that nobody signed, as many in a local network do."""

import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from app.config import InvalidSetting, load_settings
from app.core.mail import MailServerFaultCode
from app.jobs.outbox_delivery import send_due_messages
from tests.jobs.test_outbox import MINUTE, batch_of, invite, means_of, once_each
from tests.mailbox import mailbox
from tests.services.factories import NOON


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return signed_by_itself(tmp_path_factory.mktemp("relay"), x509.IPAddress(ip_address("127.0.0.1")))


def signed_by_itself(folder, host):
    """Write a certificate of the relay's own making, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "relay")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([host]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "relay.pem").write_bytes(made.public_bytes(Encoding.PEM))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "relay.key").write_bytes(pem)
    return folder


def context_of(folder):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "relay.pem", folder / "relay.key")
    return context


@pytest.fixture
def relay(certificate):
    with mailbox(tls=context_of(certificate)) as (box, url):
        box.url = url
        yield box


def chosen(means, **settings):
    return replace(means, settings=replace(means.settings, **settings))


def test_letters_wait_and_the_fault_is_named(app, relay, certificate):
    means = means_of(app, relay.url)
    current, addresses = invite(app, means, people=2)
    send_due_messages(means)
    assert (len(relay.arrived), batch_of(current).setback.fault) == (0, MailServerFaultCode.CERTIFICATE)
    send_due_messages(chosen(replace(means, now=NOON + MINUTE), smtp_ca_file=str(certificate / "relay.pem")))
    assert once_each(relay, addresses)
    assert (batch_of(current).setback, relay.encrypted) == (None, {True})


@pytest.mark.parametrize("kind", ["starttls", "smtps"])
def test_encryption_that_is_insisted_on_is_checked_as_well(app, certificate, kind):
    with mailbox(tls=context_of(certificate), at_once=kind == "smtps") as (box, url):
        means = means_of(app, url.replace("smtp://", f"{kind}://"))
        current, addresses = invite(app, means, people=2)
        send_due_messages(means)
        assert (len(box.arrived), batch_of(current).setback.fault) == (0, MailServerFaultCode.CERTIFICATE)
        send_due_messages(chosen(replace(means, now=NOON + MINUTE), smtp_ca_file=str(certificate / "relay.pem")))
        assert once_each(box, addresses)
        assert box.encrypted == {True}


@pytest.mark.parametrize("kind", ["starttls", "smtps"])
def test_a_relay_without_the_encryption_that_is_insisted_on_gets_nothing(app, kind):
    with mailbox() as (box, url):
        means = means_of(app, url.replace("smtp://", f"{kind}://"))
        current, _ = invite(app, means, people=2)
        send_due_messages(means)
        assert (box.senders, batch_of(current).messages_left, batch_of(current).setbacks) == (0, 2, 1)


@pytest.mark.parametrize("kind", ["smtp", "starttls", "smtps"])
def test_a_trusted_certificate_of_another_host_is_none_of_the_relay(app, tmp_path, kind):
    folder = signed_by_itself(tmp_path, x509.DNSName("mail.example"))
    with mailbox(tls=context_of(folder), at_once=kind == "smtps") as (box, url):
        means = means_of(app, url.replace("smtp://", f"{kind}://"))
        current, _ = invite(app, means, people=2)
        send_due_messages(chosen(means, smtp_ca_file=str(folder / "relay.pem")))
        assert (box.senders, batch_of(current).setback.fault) == (0, MailServerFaultCode.CERTIFICATE)


def test_a_relay_may_be_used_without_encryption(app, relay):
    means = chosen(means_of(app, relay.url), smtp_plain=True)
    _, addresses = invite(app, means, people=2)
    send_due_messages(means)
    assert once_each(relay, addresses)
    assert relay.encrypted == {False}


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_of_certificates_that_cannot_be_read_is_a_setback(app, relay, tmp_path, content):
    if content:
        (tmp_path / "ca.pem").write_text(content)
    means = chosen(means_of(app, relay.url), smtp_ca_file=str(tmp_path / "ca.pem"))
    current, _ = invite(app, means, people=2)
    send_due_messages(means)
    setback = batch_of(current).setback
    assert (setback.fault, setback.detail.split()[0]) == (MailServerFaultCode.CERTIFICATE, "SMTP_CA_FILE")


@pytest.mark.parametrize("kind", ["starttls", "smtps"])
def test_no_encryption_and_encryption_that_is_insisted_on_exclude_each_other(tmp_path, kind):
    with pytest.raises(InvalidSetting, match="SMTP_PLAIN"):
        load_settings({}, instance=tmp_path, smtp_url=f"{kind}://mail.example", smtp_plain=True)
