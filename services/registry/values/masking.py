"""How personal data is shown where it need not be known in full."""

import re

_COMPOUND_FAMILY_NAME = re.compile(
    "欧阳|太史|端木|上官|司马|东方|独孤|南宫|万俟|闻人|夏侯|诸葛|尉迟|公羊|赫连|澹台|皇甫|宗政|濮阳|公冶|太叔|申屠|公孙|慕容|"
    "钟离|长孙|宇文|司徒|鲜于|司空|闾丘|亓官|司寇|颛孙|漆雕|拓跋|轩辕|令狐|段干|百里|呼延|东郭|羊舌|梁丘|左丘|西门"
)


def mask(number: str) -> str:
    """Keep the first 2 characters of a document's number, and its length.

    The last four of an identity number hold the serial and the check character, which beside a
    birth date give the whole of it away. A number of which fewer than seven characters would be
    hidden is hidden whole.
    """
    return _keep(number, 2, 0, hiding=7)


def mask_phone(number: str) -> str:
    """Keep the first 3 and last 2 characters of a telephone number, and its length.

    A number of which fewer than five characters would be hidden is hidden whole.
    """
    return _keep(number, 3, 2, hiding=5)


def mask_name(name: str) -> str:
    """Keep the family name: 张三 gives 张*, 欧阳修 gives 欧阳*."""
    shown = 2 if len(name) > 2 and _COMPOUND_FAMILY_NAME.match(name) else 1
    return _keep(name, shown if len(name) > 1 else 0, 0, hiding=0)


def _keep(text: str, first: int, last: int, *, hiding: int) -> str:
    hidden = len(text) - first - last
    if hidden < hiding:
        return "*" * len(text)
    return text[:first] + "*" * hidden + text[len(text) - last :]
