// A client of the TypeScript SDK that knows MCP Tasks, with ext-tasks on top of it.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createTaskSessionFromClient } from '@modelcontextprotocol/ext-tasks/client';

const protocolVersion = '2026-07-28';
const clientInfo = { name: 'task-client', version: '1.0.0' };
const clientCapabilities = { elicitation: { form: {} } };

/** A new connection. `transportOptions` has the login; `answer` is what the user answers to a question. */
export async function connect(url, transportOptions, answer) {
    const asked = [];
    const client = new Client(clientInfo, { versionNegotiation: { mode: 'auto' }, capabilities: clientCapabilities });
    const transport = new StreamableHTTPClientTransport(new URL(url), transportOptions);
    await client.connect(transport);
    const session = createTaskSessionFromClient(client, {
        endpointId: url,
        rawDispatch: dispatchOver(transport),
        v2RequestFraming: { protocolVersion, clientInfo, clientCapabilities },
        onInputRequest: request => {
            asked.push(request.params.message);
            return Promise.resolve(answer);
        }
    });
    const close = async () => {
        await session.close();
        await client.close();
    };
    return { session, asked, close, version: client.getNegotiatedProtocolVersion() };
}

/** What ext-tasks sends below the SDK, whose own reader refuses the results of tasks. */
function dispatchOver(transport) {
    const waiting = new Map();
    const handle = transport.onmessage;
    transport.onmessage = (message, extra) => {
        const settle = waiting.get(message.id);
        if (!settle) return handle(message, extra);
        waiting.delete(message.id);
        settle(message.error ? { kind: 'error', error: message.error } : { kind: 'result', result: message.result });
    };
    let last = 0;
    return request => new Promise((resolve, reject) => {
        const id = `task-${++last}`;
        waiting.set(id, resolve);
        transport.send({ jsonrpc: '2.0', id, ...request }).catch(reject);
    });
}
