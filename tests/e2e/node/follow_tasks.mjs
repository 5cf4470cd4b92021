// A client with MCP Tasks (ext-tasks) does all that one can do with a tool that takes 45 seconds, at the same time:
// `node follow_tasks.mjs <url> <token of another user>`. Its user sits at the other end of the pipes (login.mjs).
import { Login, calledBack, say } from './login.mjs';
import { connect } from './task_client.mjs';
import { StreamableHTTPClientTransport, auth } from '@modelcontextprotocol/client';

const [url, otherToken] = process.argv.slice(2);
const TOOL = 'build_report';
const login = new Login('Task Client');
await auth(login, { serverUrl: url });
const callback = await calledBack();
const first = new StreamableHTTPClientTransport(new URL(url), { authProvider: login });
await first.finishAuth(callback.get('code'), callback.get('iss') ?? undefined);
const own = { authProvider: login };

const scenarios = {
    result: () => follow({}),
    question: () => follow({ ask: true }),
    'tool error': () => follow({ end: 'tool error' }),
    'protocol error': () => follow({ end: 'protocol error' }),
    cancellation: cancel,
    reconnection: reconnect,
    'another user': lookAsAnotherUser
};
const told = await Promise.all(Object.entries(scenarios).map(async ([name, run]) => [name, await run()]));
say({ said: Object.fromEntries(told) });
process.exit(0);

/** Everything that a client sees of the work, from its beginning to its end. */
async function settle(execution, client, began = Date.now()) {
    const messages = [];
    const note = ({ task }) => {
        if (task?.statusMessage && task.statusMessage !== messages.at(-1)) messages.push(task.statusMessage);
    };
    const { outcome, lastTask } = await execution.settle({ onEvent: note });
    return {
        version: client.version,
        kind: execution.kind,
        seconds: (Date.now() - began) / 1000,
        messages,
        asked: client.asked,
        status: outcome.status,
        last: lastTask?.status,
        result: outcome.result,
        error: outcome.error && { code: outcome.error.code, message: outcome.error.message }
    };
}

async function follow(given) {
    const client = await connect(url, own, { action: 'accept', content: { go_on: true } });
    const began = Date.now();
    const seen = await settle(await client.session.callTool(TOOL, given), client, began);
    await client.close();
    return seen;
}

async function cancel() {
    const client = await connect(url, own);
    const execution = await client.session.callTool(TOOL, {});
    const began = await client.session.task(execution.handle.taskId).snapshot();
    await execution.cancel();
    const seen = await settle(execution, client);
    const later = await client.session.task(execution.handle.taskId).snapshot();
    await client.close();
    return { ...seen, before: began.status, later: later.status };
}

/** With another connection, after the access token is no good any more: the SDK gets a new one. */
async function reconnect() {
    const client = await connect(url, own);
    const execution = await client.session.callTool(TOOL, {});
    let reference;
    await execution.handoff(it => { reference = JSON.parse(JSON.stringify(it)); });
    await client.close();
    const later = new Login('Task Client');
    later.kept = { ...login.kept, tokens: { ...login.tokens(), access_token: 'no-good-any-more' } };
    const again = await connect(url, { authProvider: later });
    const seen = await settle(await again.session.resumeTask(reference), again);
    await again.close();
    return { ...seen, tokens: [login.tokens().access_token, later.tokens().access_token] };
}

async function lookAsAnotherUser() {
    const client = await connect(url, own);
    const { handle: { taskId } } = await client.session.callTool(TOOL, {});
    const other = await connect(url, { requestInit: { headers: { Authorization: `Bearer ${otherToken}` } } });
    const task = other.session.task(taskId);
    const calls = { get: () => task.snapshot(), update: () => task.update({}), cancel: () => task.cancel() };
    const heard = {};
    for (const [name, call] of Object.entries(calls))
        heard[name] = await call().then(() => 'an answer', ({ code, message }) => ({ code, message }));
    const { status } = await client.session.task(taskId).snapshot();
    await client.session.cancelTask(taskId);
    return { heard, status };
}
