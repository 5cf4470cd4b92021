// A client made with the TypeScript SDK: `node use_server.mjs <url> <v1|v2> <legacy|auto>`.
// Its user sits at the other end of the pipes: the address to open goes out as {"open": ...}, the address that the
// browser came back to is read as a line, and what the server said goes out as {"said": ...}.
import { Login, calledBack, say } from './login.mjs';

const [url, release, mode] = process.argv.slice(2);
const { Client, StreamableHTTPClientTransport, UnauthorizedError } = await load(release);

const login = new Login(`TypeScript SDK ${release}`);
const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: login });
await mustLogIn(newClient().connect(transport));
const answer = await calledBack();
await transport.finishAuth(answer.get('code'), answer.get('iss') ?? undefined);

const client = newClient();
await client.connect(new StreamableHTTPClientTransport(new URL(url), { authProvider: login }));
say({ said: await use(client) });
await client.close();
process.exit(0);

async function load(release) {
    if (release === 'v2') return import('@modelcontextprotocol/client');
    return {
        ...(await import('@modelcontextprotocol/sdk/client/index.js')),
        ...(await import('@modelcontextprotocol/sdk/client/streamableHttp.js')),
        ...(await import('@modelcontextprotocol/sdk/client/auth.js'))
    };
}

function newClient() {
    return new Client({ name: 'use-server', version: '1.0.0' }, { versionNegotiation: { mode } });
}

async function mustLogIn(connecting) {
    try {
        await connecting;
    } catch (error) {
        if (error instanceof UnauthorizedError) return;
        throw error;
    }
    throw new Error('the server let a client in that has no token');
}

async function use(client) {
    const { tools } = await client.listTools();
    const { resources } = await client.listResources();
    const { prompts } = await client.listPrompts();
    const year = { ref: { type: 'ref/resource', uri: 'calendar://{year}/working-days' }, argument: { name: 'year', value: '202' } };
    return {
        version: client.getNegotiatedProtocolVersion?.() ?? client.transport.protocolVersion,
        server: client.getServerVersion().name,
        tools: tools.map(tool => tool.name),
        resources: resources.map(resource => resource.uri),
        prompts: prompts.map(prompt => prompt.name),
        who: (await client.callTool({ name: 'whoami', arguments: {} })).structuredContent,
        days: (await client.callTool({ name: 'add_working_days', arguments: { start: '2026-11-20', days: 1 } })).structuredContent,
        misfit: await client.callTool({ name: 'add_working_days', arguments: { start: 'yesterday' } }),
        about: (await client.readResource({ uri: 'server://about' })).contents[0].text,
        introduction: (await client.getPrompt({ name: 'introduce_me', arguments: {} })).messages[0].content.text,
        years: (await client.complete(year)).completion.values
    };
}
