"""The rules engine: pure, no I/O, no clock.

    policy = load_policy(directory)                         # services.rules.vocabulary
    ruleset = policy.ruleset("household", as_of, division)  # parameters in force, nearest division
    facts = policy.read_facts("household", wire_facts)      # {"housing_grade": {"value": "C", "date": "2020-06-10"}}
    ruleset.judge(facts)                                    # {"household.housing": Outcome.NOT_MET, …}
    explanation = ruleset.explain(facts)                    # outcomes, missing(rule), stale(rule), the whole trace
    explanation.render("zh")                                # plain data in words; render_rule(rule, language) for one
    policy.judge_columns("household", frame, as_of, "village_code")  # Polars, one row a subject

Three answers, by Kleene's logic: met, not met, undetermined (in traces and columns True, False, None). A missing or stale fact is unknown and stays unknown; so is
a parameter that has no value in force, and a rule that is not in force. An undetermined answer names just what would decide it.
"""

from services.rules.engine.declarations import (
    Citation,
    Combination,
    Condition,
    Fact,
    FactValue,
    Parameter,
    ParameterValue,
    Rule,
    Source,
    StatedBy,
    Value,
)
from services.rules.engine.errors import EngineError, Place, PolicyError
from services.rules.engine.explanation import Explanation
from services.rules.engine.outcomes import OUTCOMES, Outcome
from services.rules.engine.plan import Need, Plan
from services.rules.engine.policy import Policy, Ruleset
from services.rules.engine.python_backend import Facts

__all__ = [
    "OUTCOMES",
    "Citation",
    "Combination",
    "Condition",
    "EngineError",
    "Explanation",
    "Fact",
    "FactValue",
    "Facts",
    "Need",
    "Outcome",
    "Parameter",
    "ParameterValue",
    "Place",
    "Plan",
    "Policy",
    "PolicyError",
    "Rule",
    "Ruleset",
    "Source",
    "StatedBy",
    "Value",
]
