"""Coding agents. They call a tool only for a model, here a made-up one (tests/clients/models)."""

from collections.abc import Sequence

from tests.clients.home import SERVER, Home
from tests.clients.models.model import NAME, TOOL
from tests.clients.program import Program

QUESTION = "Who am I?"


def log_in_to_claude_code(home: Home) -> None:
    home.run("claude", "mcp", "add", "--transport", "http", SERVER, home.url)
    home.run_in_terminal("claude", "mcp", "login", SERVER)


def ask_claude_code(home: Home, *, tools: Sequence[str] = (TOOL,)) -> str:
    allowed = ",".join(f"mcp__{SERVER}__{each}" for each in tools)
    return home.run(
        *("claude", "-p", QUESTION, "--model", NAME, "--allowedTools", allowed),
        ANTHROPIC_BASE_URL=home.model_url,
        ANTHROPIC_API_KEY="made-up",
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1",
        # All tools in the first request, and no request before the server is connected.
        ENABLE_TOOL_SEARCH="false",
        MCP_CONNECTION_NONBLOCKING="0",
        CLAUDE_CODE_MCP_STARTUP_WAIT_MS="60000",
    )


def log_in_to_codex(home: Home) -> None:
    home.run("codex", "mcp", "add", SERVER, "--url", home.url)


def ask_codex(home: Home) -> str:
    settings = {
        "model": NAME,
        "model_provider": "here",
        "model_providers.here.name": "here",
        "model_providers.here.base_url": f"{home.model_url}/v1",
        "model_providers.here.wire_api": "responses",
        "analytics.enabled": False,
        "check_for_update_on_startup": False,
        # No request to the model before the server is connected.
        f"mcp_servers.{SERVER}.required": True,
        f"mcp_servers.{SERVER}.startup_timeout_sec": 60,
    }
    flags = [word for name, value in settings.items() for word in ("-c", f"{name}={_toml(value)}")]
    return home.run("codex", "exec", "--skip-git-repo-check", *flags, QUESTION)


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool | int) else f'"{value}"'


def log_in_to_opencode(home: Home) -> None:
    home.run("opencode", "mcp", "add", SERVER, "--url", home.url)
    home.run_in_terminal("opencode", "mcp", "auth", SERVER)


def ask_opencode(home: Home) -> str:
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "options": {"baseURL": f"{home.model_url}/v1", "apiKey": "made-up"},
        "models": {NAME: {}},
    }
    home.write(
        "work/opencode.json", {"provider": {"here": provider}, "model": f"here/{NAME}", "share": "disabled"}
    )
    off = ("AUTOUPDATE", "MODELS_FETCH", "LSP_DOWNLOAD", "DEFAULT_PLUGINS")
    return home.run("opencode", "run", QUESTION, **{f"OPENCODE_DISABLE_{name}": "1" for name in off})


AGENTS = (
    Program(
        "Claude Code",
        "@anthropic-ai/claude-code",
        log_in_to_claude_code,
        ask_claude_code,
        is_quick=True,
        has_platforms=True,
    ),
    Program("Codex", "@openai/codex", log_in_to_codex, ask_codex, is_quick=True, has_platforms=True),
    Program("opencode", "opencode-ai", log_in_to_opencode, ask_opencode, has_platforms=True),
)
