import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.values.sealing import SealBroken, Sealer, SealingKeysInvalid

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
SEALER = Sealer({1: OLD}, current=1)


@given(st.text(), st.text())
def test_opens_what_it_sealed(text: str, context: str) -> None:
    assert SEALER.open(SEALER.seal(text, context), context) == text


@given(st.text(), st.text(), st.text())
def test_another_context_does_not_open(text: str, context: str, other: str) -> None:
    sealed = SEALER.seal(text, context)
    if other != context:
        with pytest.raises(SealBroken):
            SEALER.open(sealed, other)


@given(st.text(max_size=20), st.integers(0), st.integers(1, 255))
def test_any_altered_byte_is_noticed(text: str, place: int, change: int) -> None:
    altered = bytearray(SEALER.seal(text, "member"))
    altered[place % len(altered)] ^= change
    with pytest.raises(SealBroken):
        SEALER.open(bytes(altered), "member")


@given(st.binary(max_size=60))
def test_foreign_bytes_do_not_open(foreign: bytes) -> None:
    with pytest.raises(SealBroken):
        SEALER.open(foreign, "member")


def test_equal_texts_are_sealed_differently() -> None:
    assert SEALER.seal("330127", "member") != SEALER.seal("330127", "member")


@given(st.text(), st.text())
def test_digests_are_equal_for_equal_texts_only(one: str, other: str) -> None:
    assert len(SEALER.digest(one)) == 32
    assert (SEALER.digest(one) == SEALER.digest(other)) == (one == other)


def test_rotation_opens_the_old_and_keeps_the_digests() -> None:
    rotated = Sealer({1: OLD, 2: NEW}, current=2)
    assert rotated.open(SEALER.seal("13800138000", "member"), "member") == "13800138000"
    assert rotated.digest("13800138000") == SEALER.digest("13800138000")
    sealed = rotated.seal("13800138000", "member")
    assert sealed[0] == 2
    assert Sealer({2: NEW}, current=2).open(sealed, "member") == "13800138000"
    with pytest.raises(SealBroken, match="key 2"):
        SEALER.open(sealed, "member")


def test_digests_depend_on_the_key() -> None:
    assert Sealer({2: NEW}, current=2).digest("x") != SEALER.digest("x")


@pytest.mark.parametrize(
    ("keys", "current"), [({}, 1), ({1: OLD}, 2), ({256: OLD}, 256), ({1: OLD[:31]}, 1)]
)
def test_refuses_unusable_keys(keys: dict[int, bytes], current: int) -> None:
    with pytest.raises(SealingKeysInvalid):
        Sealer(keys, current)
