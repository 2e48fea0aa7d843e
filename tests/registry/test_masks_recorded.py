"""Masks that were recorded when they showed more are masked again, wherever they stand."""

import json

import psycopg
from alembic import command

from shared.db.migrations import alembic_config
from shared.testing.databases import Databases

BEFORE = "registry_0004"
NUMBER, PHONE = "33************0013", "138****5678"
NUMBER_NOW, PHONE_NOW = "33****************", "138******78"
HOUSEHOLD = "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0d"
MEMBER = "0192f3c4-7a10-7b7e-8f56-5d2f3a1b9c0e"
A_HOUSEHOLD = """
INSERT INTO households (id, village_code, number, county, category, other_causes, phone_masked,
    phone_sealed, registered_on, version, recorded_by, created_at, updated_at)
VALUES (%(household)s, '330127100219', 'CA-1', '330127', 'dibao', '{}', %(phone)s, 'x',
    '2019-10-01', 1, 'clerk', now(), now())
"""
A_MEMBER = """
INSERT INTO members (id, household_id, village_code, name, document_type, document_masked,
    document_sealed, document_digest, relation_to_head, joined_on, version, recorded_by, created_at,
    updated_at)
VALUES (%(member)s, %(household)s, '330127100219', '（虚构）张三', 'resident_id', %(number)s, 'x', 'x',
    'head', '2019-10-01', 1, 'clerk', now(), now())
"""
ENTRY = """
INSERT INTO journal (id, type, subject_kind, subject_id, division, version, actor, request_id,
    recorded_at, changes, state)
VALUES (gen_random_uuid(), 'x', %s, 'x', '330127100219', 1, 'clerk', 'x', now(), %s, %s)
"""
OUTCOME = "INSERT INTO import_outcomes VALUES (gen_random_uuid(), 1, 2, 'failed', NULL, %s)"
KEPT = """
INSERT INTO idempotency_keys VALUES ('clerk', 'once', 'x', 201, '{"content-type": "application/json"}', %s)
"""


def problem(column: str, value: str | None) -> dict[str, object]:
    return {"code": "x", "column": column, "value": value, "detail": {"zh": "", "en": ""}}


def test_what_was_recorded_shows_no_more_than_what_is(databases: Databases) -> None:
    with databases.clone("registry") as address:
        config = alembic_config("registry", address)
        command.downgrade(config, BEFORE)
        with psycopg.connect(address) as connection:
            _record(connection)
        command.upgrade(config, "heads")
        with psycopg.connect(address) as connection:
            _check(connection)


def _record(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    known = {"household": HOUSEHOLD, "member": MEMBER, "phone": PHONE, "number": NUMBER}
    for statement in (A_HOUSEHOLD, A_MEMBER):
        connection.execute(statement, known)
    member = {"document_number": NUMBER, "name": "（虚构）张三"}
    changed = {"document_number": {"from": "33************9999", "to": NUMBER}}
    household = {"phone": PHONE}
    for kind, changes, state in (
        ("member", changed, member),
        ("household", {"phone": {"from": None, "to": PHONE}}, household),
        ("household", {}, {"phone": None}),
    ):
        connection.execute(ENTRY, (kind, json.dumps(changes), json.dumps(state)))
    found = [
        problem("证件号码", NUMBER),
        problem("联系电话", PHONE),
        problem("姓名", "330127196305120013"),
        problem("户编号", "CA-1"),
        problem("金额", None),
    ]
    connection.execute(OUTCOME, (json.dumps(found),))
    body = json.dumps({"items": [member, household]}, ensure_ascii=False).encode()
    connection.execute(KEPT, (body,))


def _check(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    def rows(statement: str) -> list[tuple[object, ...]]:
        return connection.execute(statement).fetchall()

    assert rows("SELECT document_masked FROM members") == [(NUMBER_NOW,)]
    assert rows("SELECT phone_masked FROM households") == [(PHONE_NOW,)]
    assert rows("SELECT state, changes FROM journal ORDER BY sequence") == [
        (
            {"document_number": NUMBER_NOW, "name": "（虚构）张三"},
            {"document_number": {"from": NUMBER_NOW, "to": NUMBER_NOW}},
        ),
        ({"phone": PHONE_NOW}, {"phone": {"from": None, "to": PHONE_NOW}}),
        ({"phone": None}, {}),
    ]
    [(problems,)] = rows("SELECT problems FROM import_outcomes")
    assert [each["value"] for each in problems] == [  # type: ignore[attr-defined]
        NUMBER_NOW,
        PHONE_NOW,
        NUMBER_NOW,
        "CA-1",
        None,
    ]
    [(body,)] = rows("SELECT convert_from(body, 'UTF8') FROM idempotency_keys")
    assert json.loads(str(body))["items"] == [
        {"document_number": NUMBER_NOW, "name": "（虚构）张三"},
        {"phone": PHONE_NOW},
    ]
