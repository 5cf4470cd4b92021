// Calls a tool without arguments as a client of the TypeScript SDK: `node visit.mjs <url> <token> <tool> <mode>`.
// Each page that the user is sent to is printed as a line; the client goes on when a line comes back on stdin.
import { createInterface } from 'node:readline';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const [url, token, tool, mode] = process.argv.slice(2);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const client = new Client(
    { name: 'visit', version: '1.0.0' },
    { versionNegotiation: { mode }, capabilities: { elicitation: { form: {}, url: {} } } }
);
client.setRequestHandler('elicitation/create', async request => {
    console.log(JSON.stringify({ message: request.params.message, url: request.params.url ?? null }));
    await lines.next();
    return request.params.mode === 'url' ? { action: 'accept' } : { action: 'accept', content: {} };
});
const headers = { Authorization: `Bearer ${token}` };
await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
const result = await client.callTool({ name: tool, arguments: {} });
const structured = result.structuredContent ?? null;
console.log(JSON.stringify({ text: result.content[0].text, structured, isError: result.isError ?? false }));
await client.close();
process.exit(0);
