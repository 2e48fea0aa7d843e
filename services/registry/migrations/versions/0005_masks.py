"""Masks recorded so far show no more than those made from now on.

They kept the last four characters of a document's number and of a telephone. Whatever repeats a mask
is masked again in place: the rest of it must stay readable.
"""

import sqlalchemy as sa
from alembic import op

revision = "registry_0005"
down_revision = "registry_0004"
branch_labels = None
depends_on = None

# The characters before the stars, the stars, and the four behind them.
DOCUMENT, PHONE = r"^([^*]{2})(\*+)[^*]{4}$", r"^([^*]{3})(\*+)[^*]{2}([^*]{2})$"
DOCUMENT_NOW, PHONE_NOW = r"\1\2****", r"\1\2**\3"

REMASK_STATES = """
UPDATE journal SET
    state = CASE WHEN state ->> '{name}' ~ '{old}'
        THEN jsonb_set(state, '{{{name}}}',
            to_jsonb(regexp_replace(state ->> '{name}', '{old}', '{new}')))
        ELSE state END,
    changes = CASE WHEN changes ? '{name}' THEN jsonb_set(changes, '{{{name}}}', jsonb_build_object(
        'from', regexp_replace(changes -> '{name}' ->> 'from', '{old}', '{new}'),
        'to', regexp_replace(changes -> '{name}' ->> 'to', '{old}', '{new}')))
        ELSE changes END
WHERE subject_kind = '{kind}' AND (state ->> '{name}' ~ '{old}' OR changes ? '{name}')
"""

# Numbers that were written into a wrong column stand in full and are hidden all but their beginning.
REMASK_OUTCOMES = r"""
CREATE FUNCTION pg_temp.remasked(problem jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN problem ->> 'value' IS NULL THEN problem
        WHEN problem ->> 'column' = '证件号码' THEN jsonb_set(problem, '{value}', to_jsonb(
            regexp_replace(problem ->> 'value', '^([^*]{2})(\*+)[^*]{4}$', '\1\2****')))
        WHEN problem ->> 'column' = '联系电话' THEN jsonb_set(problem, '{value}', to_jsonb(
            regexp_replace(problem ->> 'value', '^([^*]{3})(\*+)[^*]{2}([^*]{2})$', '\1\2**\3')))
        ELSE jsonb_set(problem, '{value}', to_jsonb(regexp_replace(regexp_replace(
            problem ->> 'value', '([1-9][0-9])[0-9]{12,17}[0-9Xx]', '\1****************', 'g'),
            '(1[3-9][0-9])[0-9]{8}', '\1********', 'g')))
    END
$$
"""
OUTCOMES = """
UPDATE import_outcomes SET problems = (
    SELECT jsonb_agg(pg_temp.remasked(problem) ORDER BY place)
    FROM jsonb_array_elements(problems) WITH ORDINALITY listed(problem, place)
)
WHERE jsonb_typeof(problems) = 'array' AND jsonb_array_length(problems) > 0
"""
KEPT_ANSWERS = r"""
UPDATE idempotency_keys SET body = convert_to(regexp_replace(regexp_replace(
    convert_from(body, 'UTF8'),
    '("document_number"\s*:\s*"[^"*]{2}\*+)[^"*]{4}"', '\1****"', 'g'),
    '("phone"\s*:\s*"[^"*]{3}\*+)[^"*]{2}([^"*]{2})"', '\1**\2"', 'g'), 'UTF8')
WHERE headers ->> 'content-type' LIKE 'application/json%'
"""


def upgrade() -> None:
    for table, column, old, new in (
        ("members", "document_masked", DOCUMENT, DOCUMENT_NOW),
        ("households", "phone_masked", PHONE, PHONE_NOW),
    ):
        op.execute(
            f"UPDATE {table} SET {column} = regexp_replace({column}, '{old}', '{new}') "  # noqa: S608 - our own
            f"WHERE {column} ~ '{old}'"
        )
    op.execute(REMASK_OUTCOMES)
    op.execute(OUTCOMES)
    # A new database gets the tables that all services have after this, with nothing in them.
    if op.get_bind().scalar(sa.text("SELECT to_regclass('journal') IS NULL")):
        return
    for kind, name, old, new in (
        ("member", "document_number", DOCUMENT, DOCUMENT_NOW),
        ("household", "phone", PHONE, PHONE_NOW),
    ):
        op.execute(REMASK_STATES.format(kind=kind, name=name, old=old, new=new))
    op.execute(KEPT_ANSWERS)


def downgrade() -> None:
    """What is hidden cannot be shown again."""
