"""Tools that ask the client under names that the suite gives, or ask it for more than its user's answer.

The project has no words for either. Sampling and roots are deprecated in 2026-07-28 (SEP-2577).
"""

from typing import Any

from mcp.server.mcpserver import Context
from mcp_types import InputRequiredResult

from app.authoring import ToolError, tool
from app.protocol.asking.answers import CapabilityMissing
from conformance.protocol.client_requests import answers, asks, form, roots, sampling


@tool(title="Ask the user")
async def test_input_required_result_elicitation(context: Context) -> str | InputRequiredResult:
    """Ask for a name, then greet."""
    answered = answers(context, "user_name")
    if answered is None:
        return asks(user_name=form("What is your name?", name="string"))
    return f"Hello, {(answered[0].content or {}).get('name')}!"


@tool(title="Ask the model")
async def test_input_required_result_sampling(context: Context) -> str | InputRequiredResult:
    """Ask the client's model, then repeat its answer."""
    answered = answers(context, "capital_question")
    if answered is None:
        return asks(capital_question=sampling("What is the capital of France?", 100))
    return str(answered[0].content.text)


@tool(title="Ask for roots")
async def test_input_required_result_list_roots(context: Context) -> str | InputRequiredResult:
    """Ask for the client's roots, then name them."""
    answered = answers(context, "client_roots")
    if answered is None:
        return asks(client_roots=roots())
    return ", ".join(str(root.uri) for root in answered[0].roots)


@tool(title="Ask for several things")
async def test_input_required_result_multiple_inputs(context: Context) -> str | InputRequiredResult:
    """Ask the user, the model and for roots at once."""
    answered = answers(context, "user_name", "greeting", "client_roots")
    if answered is None:
        return asks(
            "asked for three",
            user_name=form("What is your name?", name="string"),
            greeting=sampling("Generate a greeting", 50),
            client_roots=roots(),
        )
    return f"Three answers, {len(answered[2].roots)} roots."


@tool(title="Ask what the client can answer")
async def test_input_required_result_capabilities(context: Context) -> str | InputRequiredResult:
    """Ask the user or the model or both, as the client declares."""
    can = context.client_capabilities
    requests: dict[str, Any] = {}
    if can is not None and can.sampling is not None:
        requests["capital_question"] = sampling("What is the capital of France?", 100)
    if can is not None and can.elicitation is not None:
        requests["user_name"] = form("What is your name?", name="string")
    if not requests:
        raise ToolError("This client can be asked nothing.")
    return f"{len(requests)} answers." if answers(context, *requests) is not None else asks(**requests)


@tool(title="Need the model")
async def test_missing_capability(context: Context) -> str | InputRequiredResult:
    """Ask the client's model, or refuse a client that has none."""
    if (can := context.client_capabilities) is None or can.sampling is None:
        raise CapabilityMissing("This tool needs the capability sampling.", {"sampling": {}})
    return await test_input_required_result_sampling(context)


@tool(title="Sampling")
async def test_sampling(prompt: str, context: Context) -> str | InputRequiredResult:
    """Ask the client's model; before 2026-07-28 the suite waits for a request of the server's own."""
    answered = answers(context, "answer")
    if answered is None:
        return asks(answer=sampling(prompt, 100))
    return f"LLM response: {answered[0].content.text}"
