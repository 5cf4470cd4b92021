"""The deep imports that dispatch leans on: if a new SDK moves them, this says so before anything else does."""

import inspect
from importlib import import_module
from importlib.metadata import version

import pytest

DEEP_IMPORTS = {
    "mcp.server.runner": ["serve_one", "modern_error_data"],
    "mcp.server.connection": ["Connection"],
    "mcp.server.request_state": ["AESGCMRequestStateCodec", "InvalidRequestState"],
    "mcp.server.mcpserver.tools.base": ["Tool"],
    "mcp.server.mcpserver.exceptions": ["ToolError"],
    "mcp.server.mcpserver.context": ["Context"],
    "mcp.server.mcpserver.resolve": ["find_resolved_parameters"],
    "mcp.server.mcpserver.utilities.context_injection": ["find_context_parameter"],
    "mcp.shared.path_security": ["contains_path_traversal", "is_absolute_path"],
    "mcp.server.mcpserver.utilities.func_metadata": ["ArgModelBase", "FuncMetadata"],
    "mcp.shared.uri_template": ["InvalidUriTemplate", "UriTemplate"],
    "mcp.shared.inbound": [
        "ERROR_CODE_HTTP_STATUS",
        "MCP_PROTOCOL_VERSION_HEADER",
        "InboundLadderRejection",
        "classify_inbound_request",
        "find_duplicated_routing_header",
        "unsupported_protocol_version_rejection",
        "validate_mcp_param_headers",
    ],
    "mcp.shared.jsonrpc_dispatcher": ["progress_token_from_params"],
    "mcp.shared.transport_context": ["TransportContext"],
    "mcp.shared.exceptions": ["NoBackChannelError"],
    "mcp_types.methods": ["INPUT_REQUIRED_METHODS", "is_input_required"],
    "mcp_types.version": ["HANDSHAKE_PROTOCOL_VERSIONS"],
}
MOVED = (
    "mcp {version} moved {name}: pin mcp below it in pyproject.toml, or change app/http/exchange.py, app/protocol/"
)


def test_the_sdk_is_of_the_range_that_was_checked() -> None:
    major, minor = version("mcp").split(".")[:2]

    assert (int(major), int(minor)) >= (2, 3), "mcp is older than 2.3: see pyproject.toml"
    assert int(major) == 2, "mcp 3 is out of the range that dispatch was checked with: see pyproject.toml"


@pytest.mark.parametrize(("module", "names"), DEEP_IMPORTS.items(), ids=str)
def test_every_deep_import_is_where_dispatch_looks_for_it(module: str, names: list[str]) -> None:
    try:
        found = import_module(module)
    except ImportError:
        pytest.fail(MOVED.format(version=version("mcp"), name=module))
    for name in names:
        assert hasattr(found, name), MOVED.format(version=version("mcp"), name=f"{module}.{name}")


@pytest.mark.parametrize(
    ("module", "name", "parameters"),
    [
        (
            "mcp.server.runner",
            "serve_one",
            ["server", "dctx", "method", "params", "connection", "lifespan_state"],
        ),
        (
            "mcp.server.connection",
            "Connection.from_envelope",
            ["protocol_version", "client_info", "client_capabilities", "outbound"],
        ),
    ],
)
def test_the_sdks_drivers_take_what_dispatch_gives(module: str, name: str, parameters: list[str]) -> None:
    driver = import_module(module)
    for part in name.split("."):
        driver = getattr(driver, part)

    assert list(inspect.signature(driver).parameters) == parameters, MOVED.format(  # type: ignore[arg-type]
        version=version("mcp"), name=name
    )
