"""What the SDK would build when the first result of each method is sent."""

from contextlib import suppress

from mcp_types.methods import SERVER_RESULTS, serialize_server_result
from pydantic import ValidationError

from app.runtime.lean import build_models


def build_all() -> None:
    """Models too. Before a snapshot is the time: each environment has them then."""
    build_models()
    for method, version in SERVER_RESULTS:
        # It is no result, and is refused; by what then stays.
        with suppress(ValidationError):
            serialize_server_result(method, version, {})
