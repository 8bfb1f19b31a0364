"""The key that signs pictures: one per service, closed to others, and the operator's where there is one."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa

from cavendish.errors import ConfigurationError
from cavendish.marks import identity, signing

_START = """
import sys
from pathlib import Path
from cavendish.marks import identity, signing
print(identity.made_or_found(Path(sys.argv[1]), issuer="Example").fingerprint)
"""


def test_the_first_start_makes_one_that_only_its_owner_can_read(tmp_path: Path) -> None:
    made = identity.made_or_found(tmp_path / "marks", issuer="pictures.example")

    path = tmp_path / "marks" / identity.FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert (made.issuer, made.algorithm, made.own) == ("pictures.example", "es256", True)
    assert identity.made_or_found(tmp_path / "marks", issuer="another") == made
    assert [entry.name for entry in path.parent.iterdir()] == [identity.FILE]


def test_processes_that_start_at_once_make_one(tmp_path: Path) -> None:
    starts = [
        subprocess.Popen([sys.executable, "-c", _START, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    found = {start.communicate(timeout=60)[0].strip() for start in starts}

    assert len(found) == 1
    assert found == {identity.made_or_found(tmp_path, issuer="x").fingerprint}


def test_a_worker_finds_or_makes_it_without_what_understands_it(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from cavendish.marks import signing;"
        "signing.made_or_found(Path(sys.argv[1]), issuer='Example'); signing.made_or_found(Path(sys.argv[1]), issuer='x');"
        "sys.exit(any(name.partition('.')[0] == 'cryptography' for name in sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "marks")], timeout=60, check=False)

    whole, found = identity.made_or_found(tmp_path / "marks", issuer="y"), signing.found(tmp_path / "marks")
    assert done.returncode == 0
    assert found is not None
    assert (found.chain, found.key, found.algorithm) == (whole.chain, whole.key, whole.algorithm)
    assert whole.issuer == "Example"


def test_where_none_can_be_made_the_reason_is_told(tmp_path: Path) -> None:
    (tmp_path / "marks").write_text("a file where a folder should be")

    with pytest.raises(OSError, match="marks"):
        signing.made_or_found(tmp_path / "marks", issuer="x")


def test_another_one_takes_its_place(tmp_path: Path) -> None:
    first = identity.made_or_found(tmp_path, issuer="x")

    second = identity.made_anew(tmp_path, issuer="x")

    assert second.fingerprint != first.fingerprint
    assert identity.made_or_found(tmp_path, issuer="x") == second


def test_the_key_is_not_shown(tmp_path: Path) -> None:
    made = identity.made_or_found(tmp_path, issuer="x")

    assert "PRIVATE" not in repr(made)
    assert "PRIVATE" not in f"{made}"


def _operators(folder: Path, *, key_of_another: bool = False) -> tuple[Path, Path]:
    made = identity.made_or_found(folder / "one", issuer="Studio")
    other = identity.made_or_found(folder / "two", issuer="Studio")
    (folder / "c.pem").write_bytes(made.chain)
    (folder / "k.pem").write_bytes(other.key if key_of_another else made.key)
    return folder / "c.pem", folder / "k.pem"


def test_the_operators_own_signs(tmp_path: Path) -> None:
    found = identity.loaded(*_operators(tmp_path))

    assert (found.issuer, found.own) == ("Studio", False)


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="not the certificate's"):
        identity.loaded(*_operators(tmp_path, key_of_another=True))


@pytest.mark.parametrize("content", [b"", b"no pem", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_refused_by_its_name(tmp_path: Path, content: bytes) -> None:
    certificate, key = _operators(tmp_path)
    certificate.write_bytes(content)

    with pytest.raises(ConfigurationError, match=r"c\.pem"):
        identity.loaded(certificate, key)


def test_a_file_that_is_not_there_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.pem.*CAVENDISH_CERTIFICATE"):
        identity.loaded(tmp_path / "none.pem", tmp_path / "none.key")


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (ec.generate_private_key(ec.SECP256R1()), "es256"),
        (ec.generate_private_key(ec.SECP384R1()), "es384"),
        (ec.generate_private_key(ec.SECP521R1()), "es512"),
        (ec.generate_private_key(ec.SECP256K1()), None),
        (ed25519.Ed25519PrivateKey.generate(), "ed25519"),
        (rsa.generate_private_key(65537, 2048), "ps256"),
        (dsa.generate_private_key(2048), None),
    ],
)
def test_each_kind_of_key_signs_in_its_own_way_or_not_at_all(key: object, algorithm: str | None) -> None:
    assert identity._algorithm(key) == algorithm


def test_a_key_with_a_password_is_refused(tmp_path: Path) -> None:
    certificate, key = _operators(tmp_path)
    private = serialization.load_pem_private_key(key.read_bytes(), None)
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )

    with pytest.raises(ConfigurationError, match="without a password"):
        identity.loaded(certificate, key)
