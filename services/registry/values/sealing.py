"""Encryption of values and files at rest (SM4-GCM), and digests for lookups (HMAC-SM3)."""

import os
from collections.abc import Iterator, Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12
_TAG_BYTES = 16
_SM4_KEY_BYTES = 16
_SM3_BYTES = 32
_MASTER_KEY_BYTES = 32
_HEADER_BYTES = 1 + _NONCE_BYTES
_PIECE_BYTES = 1024 * 1024
_SEALED_PIECE_BYTES = _HEADER_BYTES + _PIECE_BYTES + _TAG_BYTES


class SealingKeysInvalid(ValueError):
    """The configured keys cannot be used; the message says which and why."""


class SealBroken(Exception):
    """A sealed value does not open: other key, other context, or altered bytes."""


class Sealer:
    """Seals texts under the current key and opens those sealed under any known one.

    ``keys`` maps ids of 0 to 255 to master keys of at least 32 random bytes. To rotate, add a key,
    make it current, seal everything anew, and only then remove the old one. A random 96-bit nonce
    is safe for 2^32 values a key, well above the number of people in the country.

    Digests always use the key with the lowest id: a unique index compares them across rotations,
    so they cannot follow the current key. Removing that key means to compute all digests anew.
    """

    def __init__(self, keys: Mapping[int, bytes], current: int) -> None:
        if current not in keys:
            raise SealingKeysInvalid(f"the current key {current} is not among the keys")
        for key_id, master in keys.items():
            if not 0 <= key_id <= 255:
                raise SealingKeysInvalid(f"key id {key_id} does not fit in one byte (0 to 255)")
            if len(master) < _MASTER_KEY_BYTES:
                raise SealingKeysInvalid(
                    f"key {key_id} has {len(master)} bytes; it needs {_MASTER_KEY_BYTES} or more"
                )
        self._ciphers = {
            key_id: algorithms.SM4(_derive(master, b"qingling seal", _SM4_KEY_BYTES))
            for key_id, master in keys.items()
        }
        self._current = self._ciphers[current]
        self._current_id = bytes([current])
        self._hmac = HMAC(_derive(keys[min(keys)], b"qingling digest", _SM3_BYTES), hashes.SM3())

    def seal(self, text: str, context: str) -> bytes:
        """Return key id (1 byte), nonce (12), ciphertext and tag (16).

        ``context`` says whose value it is, such as ``member:<id>:phone``: the value opens under the
        same context only, so nobody can move it to another row or column.
        """
        return self._seal(text.encode(), context)

    def open(self, sealed: bytes, context: str) -> str:
        """Return the text sealed under this context. Raises SealBroken."""
        return self._open(sealed, context).decode()

    def seal_bytes(self, content: bytes, context: str) -> bytes:
        """Return a file sealed in pieces of 1 MiB, which cannot be moved, left out or cut off."""
        pieces = range(0, len(content), _PIECE_BYTES) or range(1)
        return b"".join(
            self._seal(
                content[start : start + _PIECE_BYTES],
                _piece_context(context, number, len(pieces)),
            )
            for number, start in enumerate(pieces)
        )

    def open_bytes(self, sealed: bytes, context: str) -> Iterator[bytes]:
        """Yield the pieces of a file sealed under this context. Raises SealBroken."""
        pieces = range(0, len(sealed), _SEALED_PIECE_BYTES)
        for number, start in enumerate(pieces):
            piece = sealed[start : start + _SEALED_PIECE_BYTES]
            yield self._open(piece, _piece_context(context, number, len(pieces)))

    def _seal(self, text: bytes, context: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        encryptor = Cipher(self._current, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(self._current_id + context.encode())
        sealed = encryptor.update(text) + encryptor.finalize()
        return self._current_id + nonce + sealed + encryptor.tag

    def _open(self, sealed: bytes, context: str) -> bytes:
        if len(sealed) < _HEADER_BYTES + _TAG_BYTES:
            raise SealBroken("too short for a sealed value")
        algorithm = self._ciphers.get(sealed[0])
        if algorithm is None:
            raise SealBroken(f"sealed under key {sealed[0]}, which is not configured")
        mode = modes.GCM(sealed[1:_HEADER_BYTES], sealed[-_TAG_BYTES:])
        decryptor = Cipher(algorithm, mode).decryptor()
        decryptor.authenticate_additional_data(sealed[:1] + context.encode())
        text = decryptor.update(sealed[_HEADER_BYTES:-_TAG_BYTES])
        try:
            return text + decryptor.finalize()
        except InvalidTag as error:
            raise SealBroken("altered, or sealed for another context or key") from error

    def digest(self, text: str) -> bytes:
        """Return 32 bytes: equal for equal texts, and telling nothing without the key."""
        hmac = self._hmac.copy()
        hmac.update(text.encode())
        return hmac.finalize()


def _piece_context(context: str, number: int, pieces: int) -> str:
    return f"{context}:{number + 1}/{pieces}"


def _derive(master: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SM3(), length=length, salt=None, info=purpose).derive(master)
