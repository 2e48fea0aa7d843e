"""Identity numbers that nobody has: a birthplace that does not exist, a check character that fits."""

from collections import Counter
from datetime import date, timedelta

# 3399 names no city of Zhejiang.
NOWHERE = "339900"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
SEQUENCES = 1000


class IdentityNumbers:
    """Hands out each number once."""

    def __init__(self) -> None:
        self._used: Counter[date] = Counter()

    def next(self, birth: date) -> tuple[str, date, str]:
        """Return a number, the birth date in it (the wanted one or soon after), and the sex."""
        while self._used[birth] == SEQUENCES:
            birth += timedelta(days=1)
        sequence = self._used[birth]
        self._used[birth] += 1
        digits = f"{NOWHERE}{birth:%Y%m%d}{sequence:03d}"
        total = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True))
        return digits + CHECKS[total % 11], birth, "1" if sequence % 2 else "2"
