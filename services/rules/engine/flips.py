"""What changed between two judgements of the same subjects, in columns."""

from collections.abc import Sequence

import polars as pl

DIVISION = "village_code"


def flips(
    before: pl.DataFrame, after: pl.DataFrame, key: str, rules: Sequence[str]
) -> pl.DataFrame:
    """Compare two tables of outcomes, subject by subject; those in one table only do not flip.

    Both have a row a subject, told apart by ``key``, and a nullable Boolean a rule; ``after`` has
    ``village_code`` too, which may be the key. Gives a row a flip, by rule and then in the order of
    ``after``: ``key``, ``village_code``, ``rule``, and the outcomes ``before`` and ``after`` (true
    met, false not met, null undetermined).
    """
    if before.height == after.height and before[key].equals(after[key]):
        earlier = before.select(rules)  # already side by side, as the same facts judged twice are
    else:
        joined = after.select(key).join(
            before.select(key, *rules, found=pl.lit(value=True)),
            on=key,
            how="left",
            maintain_order="left",
        )
        after, earlier = after.filter(joined["found"]), joined.filter("found").select(rules)
    changed = [_of_rule(earlier, after, key, rule) for rule in _changed(earlier, after, rules)]
    return pl.concat([_of_none(after, key), *changed])


def flip_counts(flips: pl.DataFrame, digits: int) -> pl.DataFrame:
    """Count flips by the divisions that the first ``digits`` of a village's code tell apart.

    Gives ``division`` (12 digits), ``rule``, ``before``, ``after`` and ``subjects``, in that order.
    """
    division = pl.col(DIVISION).str.slice(0, digits).str.pad_end(12, "0").alias("division")
    return (
        flips.group_by(division, "rule", "before", "after")
        .agg(pl.len().cast(pl.Int64).alias("subjects"))
        .sort("division", "rule", "before", "after")
    )


def _changed(earlier: pl.DataFrame, after: pl.DataFrame, rules: Sequence[str]) -> list[str]:
    """Return the rules that answer otherwise at all: most do not, and finding out is one query."""
    names = {rule: f"before {rule}" for rule in rules}
    both = pl.concat([after.select(rules), earlier.rename(names)], how="horizontal")
    differ = both.select(
        pl.col(rule).ne_missing(pl.col(before)).any() for rule, before in names.items()
    )
    return [rule for rule in rules if differ.item(0, rule)]


def _of_rule(earlier: pl.DataFrame, after: pl.DataFrame, key: str, rule: str) -> pl.DataFrame:
    before, now = earlier[rule], after[rule]
    different = before.ne_missing(now)
    return after.filter(different).select(
        *dict.fromkeys((key, DIVISION)),
        pl.lit(rule).alias("rule"),
        before.filter(different).alias("before"),
        now.filter(different).alias("after"),
    )


def _of_none(after: pl.DataFrame, key: str) -> pl.DataFrame:
    schema = {key: after.schema[key], DIVISION: after.schema[DIVISION]}
    empty: pl.DataFrame = pl.DataFrame(
        schema={**schema, "rule": pl.String, "before": pl.Boolean, "after": pl.Boolean}
    )
    return empty
