// A client of the TypeScript SDK without MCP Tasks does all that one can do with a tool that takes 45 seconds, at the
// same time: `node follow_handles.mjs <url> <token> <v1|v2>`. v2 is asked questions, and v1 reads them as text.
const [url, token, release] = process.argv.slice(2);
const TOOL = 'build_report';
const { Client, StreamableHTTPClientTransport } = await load();
const canAsk = release === 'v2';

const scenarios = {
    [canAsk ? 'question' : 'result']: client => follow(client, { ask: canAsk }),
    'tool error': client => follow(client, { end: 'tool error' }),
    cancellation: canAsk ? cancel : cancelAtQuestion
};
const seen = await Promise.all(Object.entries(scenarios).map(async ([name, run]) => [name, await withClient(run)]));
console.log(JSON.stringify(Object.fromEntries(seen)));
process.exit(0);

async function load() {
    if (release === 'v2') return import('@modelcontextprotocol/client');
    return {
        ...(await import('@modelcontextprotocol/sdk/client/index.js')),
        ...(await import('@modelcontextprotocol/sdk/client/streamableHttp.js'))
    };
}

async function withClient(run) {
    const capabilities = canAsk ? { elicitation: { form: {} } } : {};
    const client = new Client({ name: 'follow-handles', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' }, capabilities });
    client.asked = [];
    if (canAsk)
        client.setRequestHandler('elicitation/create', request => {
            client.asked.push(request.params.message);
            return { action: 'accept', content: { go_on: true } };
        });
    const headers = { Authorization: `Bearer ${token}` };
    const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
    await client.connect(transport);
    const told = await run(client);
    await client.close();
    return { version: client.getNegotiatedProtocolVersion?.() ?? transport.protocolVersion, asked: client.asked, ...told };
}

/** Call until the tool's own result is there; every answer on the way. */
async function follow(client, given) {
    const began = Date.now();
    const answers = [simplify(await client.callTool({ name: TOOL, arguments: given }), began)];
    while (answers.at(-1).data?.handle) answers.push(await look(client, answers.at(-1), began));
    return { answers };
}

async function look(client, { data: { handle } }, began) {
    return simplify(await client.callTool({ name: 'get_result', arguments: { handle } }), began);
}

async function cancel(client) {
    const began = Date.now();
    const first = simplify(await client.callTool({ name: TOOL, arguments: {} }), began);
    return { answers: [first, ...await end(client, first, began)] };
}

async function cancelAtQuestion(client) {
    const began = Date.now();
    const answers = [simplify(await client.callTool({ name: TOOL, arguments: { ask: true } }), began)];
    while (answers.at(-1).data.status === 'working') answers.push(await look(client, answers.at(-1), began));
    return { answers: [...answers, ...await end(client, answers.at(-1), began)] };
}

async function end(client, answer, began) {
    const { handle } = answer.data;
    const ended = simplify(await client.callTool({ name: 'cancel_work', arguments: { handle } }), began);
    return [ended, await look(client, answer, began)];
}

function simplify({ content, structuredContent, isError }, began) {
    return {
        seconds: (Date.now() - began) / 1000,
        text: content[0].text,
        data: structuredContent ?? null,
        is_error: isError ?? false
    };
}
