"""What rules judge: the kinds of subject, and where the whole of them lies."""

from typing import Literal, get_args

SubjectKind = Literal["household", "village"]
"""What the registry states facts of."""
JudgedKind = Literal["household", "village", "division"]
"""What rules may be about: a division is judged by the counts of the others within it."""
KINDS: tuple[SubjectKind, ...] = get_args(SubjectKind)
ID_COLUMN = {"household": "household_id", "village": "village_code"}
"""By kind the column of facts that tells subjects apart."""
WHOLE = {"household": "household.zero_out", "village": "village.zero_out"}
"""By kind the rule that says whether everything is cleared."""
PROVINCE = "330000000000"
