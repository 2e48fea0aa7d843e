"""Calls between services: what is expected is no error, and no value of a request is logged."""

import httpx
import pytest

from shared.http import ServiceAnswer, ServiceClient
from shared.problems import DependencyUnavailable
from tests.shared.test_logs import NUMBER

PATH = f"/v1/facts/households/{NUMBER}"


def client(status: int) -> ServiceClient:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, json={"detail": NUMBER}))
    return ServiceClient("registry", "http://registry", lambda: "none", transport=transport)


async def test_what_is_expected_is_returned_and_logged_nowhere(
    caplog: pytest.LogCaptureFixture,
) -> None:
    expected = {404, 422}
    for status in expected:
        assert (await client(status).get(PATH, expected=expected)).status_code == status
        assert (await client(status).post(PATH, {}, expected=expected)).status_code == status
    assert caplog.records == []


@pytest.mark.parametrize("status", [302, 408, 429, 500, 503])
async def test_a_service_that_is_not_in_order_is_away(status: int) -> None:
    """What it says then is no answer to what was asked, whatever the caller expects."""
    with pytest.raises(DependencyUnavailable):
        await client(status).get(PATH, expected={404})
    with pytest.raises(DependencyUnavailable):
        async with client(status).stream(PATH, {}, "application/json"):
            pass


async def test_what_is_not_is_an_error_that_names_no_value(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for number, status in enumerate((400, 403, 404, 422), start=1):
        with pytest.raises(ServiceAnswer) as refused:
            await client(status).get(PATH, {"person": NUMBER}, expected={409})
        assert refused.value.answered == status
        assert [record.levelname for record in caplog.records] == ["ERROR"] * number
    assert "/v1/facts" in caplog.text
    assert "305120011" not in caplog.text
