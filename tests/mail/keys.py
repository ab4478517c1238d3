"""Keys that sign the mail of tests."""

from functools import cache

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)


@cache
def rsa_pem(bits: int = 2048, number: int = 0) -> str:
    """Return a private key as `openssl genrsa` writes it; the same for the same arguments in one run."""
    assert number >= 0
    return _pem(rsa.generate_private_key(65537, bits), NoEncryption())


def encrypted_pem() -> str:
    """Return an RSA key behind a password."""
    return _pem(rsa.generate_private_key(65537, 2048), BestAvailableEncryption(b"password"))


def ed25519_pem() -> str:
    """Return a key that is not RSA."""
    return _pem(ed25519.Ed25519PrivateKey.generate(), NoEncryption())


def _pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey, encryption: KeySerializationEncryption) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode()
