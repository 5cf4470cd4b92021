"""From Authorization values to the one token, before anything looks into it."""

import pytest

from app.auth.bearer import read_bearer_token
from app.auth.refusals import Reason, Refusal


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([], Reason.NO_TOKEN),
        ([""], Reason.NO_TOKEN),
        (["Bearer"], Reason.NO_TOKEN),
        (["Bearer \t "], Reason.NO_TOKEN),
        (["Basic YTpi"], Reason.NO_TOKEN),
        (["a.b.c"], Reason.NO_TOKEN),
        (["Bearer a.b.c", "Bearer a.b.c"], Reason.SEVERAL_AUTHORIZATIONS),
        (["Bearer a.b.c", ""], Reason.SEVERAL_AUTHORIZATIONS),
        (["Bearer a.b.c, Bearer a.b.c"], Reason.SEVERAL_AUTHORIZATIONS),
        (["Bearer a.b.c,"], Reason.SEVERAL_AUTHORIZATIONS),
        (["Bearer a.b.c d"], Reason.NOT_A_JWT),
        (['Bearer "a.b.c"'], Reason.NOT_A_JWT),
        (["Bearer a.b.ü"], Reason.NOT_A_JWT),
        (["Bearer a.b.c\0"], Reason.NOT_A_JWT),
    ],
)
def test_refuses_all_but_one_bearer_token(values: list[str], reason: Reason) -> None:
    with pytest.raises(Refusal) as refused:
        read_bearer_token(values)

    assert refused.value.reason is reason


@pytest.mark.parametrize(
    "value", ["Bearer a.b.c", "bearer a.b.c", "BEARER a.b.c", "Bearer   a.b.c", " Bearer a.b.c\t"]
)
def test_reads_the_token_behind_the_scheme(value: str) -> None:
    assert read_bearer_token([value]) == "a.b.c"
