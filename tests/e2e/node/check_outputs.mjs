// Calls tools as a client of the TypeScript SDK, which checks each result against its schema, and checks again with
// ajv at its strictest: `node check_outputs.mjs <url> <token> <v1|v2> <legacy|auto>`. The calls are read as a line
// [["tool", {arguments}], ...]; what was refused goes out as [["tool", {arguments}, "why"], ...].
import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';

const [url, token, release, mode] = process.argv.slice(2);
const { Client, StreamableHTTPClientTransport } = await load(release);
const client = new Client({ name: 'check-outputs', version: '1.0.0' }, { versionNegotiation: { mode } });
const headers = { Authorization: `Bearer ${token}` };
await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));

const ajv = new Ajv2020({ strict: true, strictTypes: false, strictTuples: false, allErrors: true });
addFormats(ajv);
const { tools } = await client.listTools();
const checks = new Map(tools.map(tool => [tool.name, ajv.compile(tool.outputSchema)]));
const refused = [];
for (const [name, args] of JSON.parse(readFileSync(0, 'utf-8'))) {
    const why = await problem(name, args);
    if (why) refused.push([name, args, why]);
}
console.log(JSON.stringify(refused));
await client.close();
process.exit(0);

async function load(release) {
    if (release === 'v2') return import('@modelcontextprotocol/client');
    return {
        ...(await import('@modelcontextprotocol/sdk/client/index.js')),
        ...(await import('@modelcontextprotocol/sdk/client/streamableHttp.js'))
    };
}

async function problem(name, args) {
    try {
        const result = await client.callTool({ name, arguments: args });
        if (result.isError) return result.content[0].text;
        const check = checks.get(name);
        return check(result.structuredContent) ? undefined : ajv.errorsText(check.errors);
    } catch (error) {
        return error.message;
    }
}
