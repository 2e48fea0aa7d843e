"""Nothing is answered of a division that does not exist, or that lies outside the caller's own."""

import orjson
import pytest

from shared.divisions import NAMING
from tests.contract.requests_of import Served

COUNTY, NOWHERE, ELSEWHERE = "330127000000", "330127999999", "340100000000"
CODES = pytest.mark.parametrize("code", [NOWHERE, ELSEWHERE])
IN_BODIES = NAMING | {"village_code"}


@CODES
async def test_no_address_takes_another_division(served: Served, code: str) -> None:
    tried = 0
    async with served.another(division=COUNTY) as clerk:
        for operation in served.operations():
            asked = [
                {"query": operation.query | {name: code}}
                for name, _ in operation.parameters("query")
                if name in NAMING
            ] + [
                {"address": operation.path.replace(f"{{{name}}}", code)}
                for name, _ in operation.parameters("path")
                if name in NAMING
            ]
            for each in asked:
                answer = await operation.send(client=clerk, **each)
                assert answer.status_code == 404, (operation, each, answer.text)
                assert code in answer.json()["detail"], (operation, each, answer.text)
                tried += 1
    assert tried > 2


@CODES
async def test_no_body_takes_another_division(served: Served, code: str) -> None:
    tried = 0
    async with served.another(division=COUNTY) as clerk:
        for operation in served.operations():
            if operation.media_type != "application/json":
                continue
            for name in IN_BODIES & operation.body_schema.get("properties", {}).keys():
                body = orjson.dumps(operation.body | {name: code})
                answer = await operation.send(client=clerk, body=body)
                assert answer.status_code in {404, 422}, (operation, name, answer.text)
                assert code in answer.text, (operation, name, answer.text)
                tried += 1
    assert tried
