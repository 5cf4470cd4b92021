// What one library for JavaScript makes of a server's tools; tests/e2e/libraries/conversion.py has input and output.
import { readFileSync } from "node:fs";
import { createMCPClient } from "@ai-sdk/mcp";
import { convertToOpenAITool } from "@langchain/core/utils/function_calling";
import { MultiServerMCPClient } from "@langchain/mcp-adapters";
import { MCPServerStreamableHttp, mcpToFunctionTool } from "@openai/agents-core";

const given = JSON.parse(readFileSync(0, "utf8"));
console.log = console.warn = console.error = () => {}; // the library tells each tool that is not strict

const libraries = {
  async ai_sdk(url, headers) {
    const client = await createMCPClient({ transport: { type: "http", url, headers } });
    const tools = await client.tools();
    await client.close();
    const read = ([name, { description, inputSchema }]) => ({ name, description, parameters: inputSchema.jsonSchema });
    return { "AI SDK": Object.entries(tools).map(read) };
  },
  async langchain_js(url, headers) {
    const client = new MultiServerMCPClient({ server: { transport: "http", url, headers } });
    const tools = await client.getTools();
    await client.close();
    return { OpenAI: tools.map((tool) => convertToOpenAITool(tool).function) };
  },
  async openai_agents_js(url, headers) {
    const server = new MCPServerStreamableHttp({ url, name: "server", requestInit: { headers } });
    await server.connect();
    const tools = await server.listTools();
    await server.close();
    const convert = (strict) =>
      tools.map((tool) => {
        const { name, description, parameters } = mcpToFunctionTool(tool, server, strict);
        return { name, description, parameters };
      });
    return { OpenAI: convert(false), "OpenAI strict": convert(true) };
  },
};
const answer = {};
for (const [kind, { url, token }] of Object.entries(given)) {
  try {
    answer[kind] = await libraries[process.argv[2]](url, { Authorization: `Bearer ${token}` });
  } catch (error) {
    answer[kind] = String(error);
  }
}
process.stdout.write(JSON.stringify(answer));
