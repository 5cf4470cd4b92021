// Calls a tool without arguments as a client of the TypeScript SDK whose user gives one answer to every question:
// `node call_and_answer.mjs <url> <token> <tool> <legacy|auto> <answer>`. Prints what was asked and the result.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const [url, token, tool, mode, answer] = process.argv.slice(2);
const asked = [];
const client = new Client(
    { name: 'call-and-answer', version: '1.0.0' },
    { versionNegotiation: { mode }, capabilities: { elicitation: { form: {} } } }
);
client.setRequestHandler('elicitation/create', request => {
    asked.push(request.params.message);
    return JSON.parse(answer);
});
const headers = { Authorization: `Bearer ${token}` };
await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
const result = await client.callTool({ name: tool, arguments: {} });
console.log(JSON.stringify({ asked, text: result.content[0].text, isError: result.isError ?? false }));
await client.close();
process.exit(0);
