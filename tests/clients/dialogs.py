"""Coding agents whose user logs in at a dialog in the terminal."""

from tests.clients.home import ADA, MAX_COMMAND_SECONDS, SERVER, Home
from tests.clients.models.model import NAME
from tests.clients.program import Program
from tests.e2e.clients import REMOTE

QUESTION = "Who am I?"
PATIENCE = MAX_COMMAND_SECONDS
GEMINI = "gemini-2.5-pro"


def log_in_to_copilot(home: Home) -> None:
    home.run("copilot", "mcp", "add", "--transport", "http", SERVER, home.url)
    with home.terminal("copilot", **_for_copilot(home)) as terminal:
        terminal.wait_for("Do you trust the files", PATIENCE)
        terminal.press("\r")
        terminal.wait_for("1 server connected", PATIENCE)


def ask_copilot(home: Home) -> str:
    """In its window, which says when the server is connected. With `-p` the made-up model asks before that."""
    with home.terminal("copilot", "--allow-all-tools", **_for_copilot(home)) as terminal:
        terminal.wait_for("Do you trust the files", PATIENCE)
        terminal.press("\r")
        terminal.wait_for("1 server connected", PATIENCE)
        terminal.press_until(ADA, PATIENCE, QUESTION, "\r", "")
        return terminal.text


def _for_copilot(home: Home) -> dict[str, str]:
    return {
        "DISPLAY": ":0",  # without one it opens no browser
        "COPILOT_OFFLINE": "true",
        "COPILOT_AUTO_UPDATE": "false",
        "COPILOT_MODEL": NAME,
        "COPILOT_PROVIDER_BASE_URL": f"{home.model_url}/v1",
        "COPILOT_PROVIDER_API_KEY": "made-up",
    }


def log_in_to_continue(home: Home) -> None:
    """It starts mcp-remote, which opens the browser."""
    provide_mcp_remote(home)
    model: dict[str, object] = {"name": NAME, "provider": "openai", "model": NAME, "apiKey": "made-up"}
    model |= {"apiBase": f"{home.model_url}/v1", "roles": ["chat"], "capabilities": ["tool_use"]}
    servers = [{"name": SERVER, "type": "streamable-http", "url": home.url}]
    about = {"name": "here", "version": "0.0.1", "schema": "v1"}
    # JSON is YAML too.
    home.write("config.yaml", {**about, "models": [model], "mcpServers": servers})
    ask_continue(home)


def ask_continue(home: Home) -> str:
    command = ("cn", "--config", str(home.folder / "config.yaml"), "--auto")
    lists = len(home.method_calls("tools/list"))
    with home.terminal(*command, CONTINUE_TELEMETRY_ENABLED="0") as terminal:
        home.wait_until("the list of tools", lambda: len(home.method_calls("tools/list")) > lists)
        terminal.wait_for("MCP Servers:", PATIENCE)
        terminal.press_until(ADA, PATIENCE, QUESTION, "\r", "")
        return terminal.text


def provide_mcp_remote(home: Home) -> None:
    """Let `npx -y mcp-remote` start the one of tests/e2e/node instead of looking for it in the registry."""
    home.write_command("npx", f'shift 2; exec node {REMOTE} "$@"')


def add_to_gemini_cli(home: Home, *target: str) -> None:
    auth = {"auth": {"selectedType": "gemini-api-key"}}
    quiet = {"general": {"disableAutoUpdate": True}, "privacy": {"usageStatisticsEnabled": False}}
    home.write(".gemini/settings.json", {"security": auth, **quiet})
    home.run("gemini", "mcp", "add", "-s", "user", SERVER, *target)


def log_in_to_gemini_cli(home: Home) -> None:
    """With the command of the page: mcp-remote logs in, at the first question."""
    provide_mcp_remote(home)
    add_to_gemini_cli(home, "npx", "-y", "mcp-remote", home.url)


def ask_gemini_cli(home: Home) -> str:
    return home.run("gemini", "-p", QUESTION, "--yolo", "-m", GEMINI, **for_gemini_cli(home))


def for_gemini_cli(home: Home) -> dict[str, str]:
    trusted = {"GEMINI_CLI_TRUST_WORKSPACE": "true"}
    return {**trusted, "GOOGLE_GEMINI_BASE_URL": home.model_url, "GEMINI_API_KEY": "made-up"}


def log_in_to_cline(home: Home) -> None:
    """Its dialog has all fields filled in from the command. Enter takes each as it is."""
    model = ("-k", "made-up", "-m", NAME, "-b", f"{home.model_url}/v1")
    home.run("cline", "auth", "-p", "openai", *model)
    with home.terminal("cline", "mcp", "add", SERVER, home.url, "--transport", "http") as terminal:
        for field in ("Server name", "Server type", "Server URL", "Authentication", "OAuth client ID"):
            terminal.wait_for(field, PATIENCE)
            terminal.press("\r")
        terminal.wait_for("OAuth authorization completed", PATIENCE)
        assert terminal.finish(PATIENCE) == 0, terminal.text


def ask_cline(home: Home) -> str:
    return home.run("cline", "-P", "openai-compatible", "-m", NAME, QUESTION)


def leave_cline(home: Home) -> None:
    home.attempt("cline", "hub", "stop")


DIALOGS = (
    Program("Copilot CLI", "@github/copilot", log_in_to_copilot, ask_copilot),
    Program("Continue CLI, through mcp-remote", "@continuedev/cli", log_in_to_continue, ask_continue),
    Program("Gemini CLI, through mcp-remote", "@google/gemini-cli", log_in_to_gemini_cli, ask_gemini_cli),
    Program("Cline", "cline", log_in_to_cline, ask_cline, has_platforms=True, leave=leave_cline),
)
