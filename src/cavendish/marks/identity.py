"""The certificate and key that sign pictures: the operator's own, or the service's, made at its first start.

A certificate that nobody vouches for makes a manifest valid, and never trusted. Sources: C2PA 2.2, 14.5 (certificate
profile); RFC 5280, 4.2.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from cavendish.errors import ConfigurationError
from cavendish.marks import signing
from cavendish.marks.signing import FILE, SigningKey

# What it signed is valid until then, for no time stamp of others stands beside a signature.
LIFETIME = datetime.timedelta(days=3652)
_DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336
_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}


@dataclass(frozen=True, slots=True)
class Identity(SigningKey):
    """What signs, understood.

    Attributes:
        own: The service made it, and nobody vouches for it.
        issuer: Whose name pictures carry.
        fingerprint: SHA-256 of the certificate, in hex.
    """

    own: bool
    issuer: str
    expires: datetime.datetime
    fingerprint: str

    def __repr__(self) -> str:
        return f"Identity({self.issuer!r}, {self.algorithm}, {self.fingerprint[:16]})"


def made_or_found(folder: Path, *, issuer: str) -> Identity:
    """The service's own; of several processes that start at once, one makes it and all have it.

    Raises:
        OSError: it can neither be read nor written.
        ConfigurationError: what is there is no certificate with its key.
    """
    path = folder / FILE
    with contextlib.suppress(FileExistsError):
        if not path.exists():
            _write(path, _made(issuer), anew=False)
    return _own(path)


def made_anew(folder: Path, *, issuer: str) -> Identity:
    """Another one in its place. What was signed before stays valid: each picture carries its certificate."""
    path = folder / FILE
    _write(path, _made(issuer), anew=True)
    return _own(path)


def loaded(certificate: Path, key: Path) -> Identity:
    """The operator's own.

    Raises:
        ConfigurationError: they cannot be read, do not belong together, or cannot sign pictures.
    """
    try:
        return _identity(certificate.read_bytes(), key.read_bytes(), own=False, where=str(certificate))
    except OSError as exc:
        raise ConfigurationError(f"{exc.filename}: {exc.strerror}; CAVENDISH_CERTIFICATE cannot be read") from exc


def _own(path: Path) -> Identity:
    key, chain = signing.split(path.read_bytes())
    return _identity(chain, key, own=True, where=str(path))


def _identity(chain: bytes, key: bytes, *, own: bool, where: str) -> Identity:
    try:
        certificates = x509.load_pem_x509_certificates(chain)
        private = serialization.load_pem_private_key(key, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as exc:
        raise ConfigurationError(f"{where}: no certificate with a key in PEM, without a password") from exc
    certificate = certificates[0]
    if private.public_key() != certificate.public_key():
        raise ConfigurationError(f"{where}: the key is not the certificate's")
    algorithm = _algorithm(private)
    if algorithm is None:
        raise ConfigurationError(f"{where}: a key for ECDSA, Ed25519 or RSA of 2,048 bits or more is needed")
    names = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return Identity(
        chain=chain,
        key=key,
        algorithm=algorithm,
        own=own,
        issuer=str(names[0].value) if names else certificate.subject.rfc4514_string(),
        expires=certificate.not_valid_after_utc,
        fingerprint=hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest(),
    )


def _algorithm(key: object) -> str | None:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return _CURVES.get(key.curve.name)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ed25519"
    return "ps256" if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= 2048 else None


def _write(path: Path, pem: bytes, *, anew: bool) -> None:
    """All of it at once, for its owner alone. Raises FileExistsError where another process was first."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        if anew:
            Path(temporary).replace(path)
        else:
            os.link(temporary, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            Path(temporary).unlink()


def _made(issuer: str) -> bytes:
    """Key, certificate and the root above it, whose key nobody keeps: the profile allows no certificate of itself."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, name = _name(issuer, "root of this service"), _name(issuer, "pictures of this service")
    now = datetime.datetime.now(datetime.UTC)
    root = (
        _certificate(root_name, root_name, root_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    certificate = (
        _certificate(name, root_name, key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION, _DOCUMENT_SIGNING]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return private + certificate.public_bytes(pem) + root.public_bytes(pem)


def _name(issuer: str, role: str) -> x509.Name:
    organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, issuer[:64])
    return x509.Name([organisation, x509.NameAttribute(NameOID.COMMON_NAME, f"{issuer[:32]} {role}")])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))  # clocks of those who read it differ
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


if __name__ == "__main__":
    made_or_found(Path(sys.argv[1]), issuer=sys.argv[2])
