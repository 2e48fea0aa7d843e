"""The three answers."""

from enum import StrEnum


class Outcome(StrEnum):
    """How a rule answers, as it stands on the wire."""

    MET = "met"
    NOT_MET = "not_met"
    UNDETERMINED = "undetermined"


OUTCOMES = {True: Outcome.MET, False: Outcome.NOT_MET, None: Outcome.UNDETERMINED}
"""From the truth of a trace or a column."""
