"""The key that signs our mail: the only home of `cryptography`, which is loaded only where there is a key."""

from base64 import b64encode

from digest.errors import UnfitText

_SMALLEST, _LARGEST = 2048, 4096  # bits; receivers need not verify larger ones: RFC 8301 section 3.2
_REMEDY = "Make one by `openssl genrsa -out var/dkim.pem 2048` and name that file: `key: {file: var/dkim.pem}`."


class SigningKey:
    """An RSA key of 2048 to 4096 bits; it shows nothing of itself but the public half."""

    def __init__(self, pem: str) -> None:
        """Take a private key in PEM, without a password; UnfitText for anything else."""
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            key = load_pem_private_key(pem.encode(), password=None)
        except TypeError:
            raise UnfitText("the private key is encrypted, and nobody could type its password", _REMEDY) from None
        except (ValueError, UnsupportedAlgorithm):
            raise UnfitText("this is no private key in PEM", _REMEDY) from None
        if not isinstance(key, RSAPrivateKey):
            raise UnfitText("the private key is not RSA, the one sort that all receivers verify", _REMEDY)
        if not _SMALLEST <= key.key_size <= _LARGEST:
            message = f"the private key has {key.key_size} bits; {_SMALLEST} to {_LARGEST} are needed"
            raise UnfitText(message, _REMEDY)
        self.bits = key.key_size
        self._key = key
        self._how = PKCS1v15(), Prehashed(SHA256())

    def sign(self, digest: bytes) -> bytes:
        """Return the signature of a SHA-256 digest: RSASSA-PKCS1-v1_5, RFC 8017 section 8.2."""
        return self._key.sign(digest, *self._how)

    def public(self) -> str:
        """Return the public half as DNS records hold it: the base64 of its SubjectPublicKeyInfo."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        form = PublicFormat.SubjectPublicKeyInfo
        return b64encode(self._key.public_key().public_bytes(Encoding.DER, form)).decode()
