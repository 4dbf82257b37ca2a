"""A mail server for the tests: aiosmtpd on loopback, with a certificate of an authority made on the fly.

server.py FOLDER starttls|tls NAME USER PASSWORD
Writes ca.pem into FOLDER (the certificate is for NAME), says "ready PORT", then one JSON line for each letter and each login.
Ends when standard input does.
"""
import datetime
import ipaddress
import json
import socket
import ssl
import sys
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

folder, mode, name, user, password = Path(sys.argv[1]), *sys.argv[2:6]


def certificate(subject, issuer, key, signer, extensions):
    named = lambda text: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
    now = datetime.datetime.now(datetime.timezone.utc)
    built = x509.CertificateBuilder().subject_name(named(subject)).issuer_name(named(issuer)).public_key(key.public_key())
    built = built.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
    built = built.not_valid_after(now + datetime.timedelta(days=1))
    for extension, critical in extensions:
        built = built.add_extension(extension, critical)
    return built.sign(signer, hashes.SHA256())


def tls():
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    try:
        alternative = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        alternative = x509.DNSName(name)
    ca = certificate("test", "test", ca_key, ca_key, [(x509.BasicConstraints(True, None), True)])
    own = certificate("mail", "test", key, ca_key, [(x509.SubjectAlternativeName([alternative]), False)])
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(ca.public_bytes(pem))
    (folder / "own.pem").write_bytes(own.public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "own.pem", folder / "key.pem")
    return context


def say(**what):
    print(json.dumps(what), flush=True)


class Handler:
    async def handle_DATA(self, server, session, envelope):
        is_tls = session.ssl is not None or mode == "tls"
        say(kind="letter", hello=session.host_name, tls=is_tls, authenticated=bool(session.authenticated), sender=envelope.mail_from,
            to=envelope.rcpt_tos, data=envelope.content.decode("latin-1"))
        return "250 OK"


def login(server, session, envelope, mechanism, data):
    good = data.login.decode() == user and data.password.decode() == password
    say(kind="login", good=good)
    return AuthResult(success=good)


context = tls()
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
secured = dict(ssl_context=context, auth_require_tls=False) if mode == "tls" else dict(tls_context=context, require_starttls=True)
controller = Controller(Handler(), hostname="127.0.0.1", port=port, authenticator=login, auth_required=True, **secured)
controller.start()
print("ready", port, flush=True)
sys.stdin.read()
controller.stop()
