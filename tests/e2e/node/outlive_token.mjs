// A client that logs in, and calls a tool once its access token is no good any more:
// `node outlive_token.mjs <url> <ai-sdk|v1|v2> [address of its document]`.
// Its user sits at the other end of the pipes (login.mjs). {"tokens": ...} says what the login gave; the next line lets it
// go on, and {"said": ...} is what the tool answered.
import { Login, calledBack, nextLine, say } from './login.mjs';

const [url, library, document] = process.argv.slice(2);
const login = new Login(library, document);
const { start, finish, call } = await (library === 'ai-sdk' ? withAiSdk() : withSdk(library));

await start();
const answer = await calledBack();
await finish(answer);
say({ tokens: login.tokens(), client: login.clientInformation() });
await nextLine();
say({ said: await call() });
process.exit(0);

async function withAiSdk() {
    const { auth, createMCPClient } = await import('@ai-sdk/mcp');
    return {
        start: () => auth(login, { serverUrl: url }),
        finish: answer => auth(login, {
            serverUrl: url,
            authorizationCode: answer.get('code'),
            callbackState: answer.get('state') ?? undefined,
            callbackIssuer: answer.get('iss') ?? undefined
        }),
        call: async () => {
            const client = await createMCPClient({ transport: { type: 'http', url, authProvider: login } });
            const { whoami } = await client.tools();
            return (await whoami.execute({}, { messages: [], toolCallId: '1' })).structuredContent;
        }
    };
}

async function withSdk(release) {
    const folder = '@modelcontextprotocol/sdk/client';
    const { Client, StreamableHTTPClientTransport, UnauthorizedError } = release === 'v2'
        ? await import('@modelcontextprotocol/client')
        : {
            ...(await import(`${folder}/index.js`)),
            ...(await import(`${folder}/streamableHttp.js`)),
            ...(await import(`${folder}/auth.js`))
        };
    const connect = async transport => {
        const client = new Client({ name: 'outlive-token', version: '1.0.0' });
        await client.connect(transport);
        return client;
    };
    const first = new StreamableHTTPClientTransport(new URL(url), { authProvider: login });
    return {
        start: () => connect(first).catch(error => { if (!(error instanceof UnauthorizedError)) throw error; }),
        finish: answer => first.finishAuth(answer.get('code'), answer.get('iss') ?? undefined),
        call: async () => {
            const client = await connect(new StreamableHTTPClientTransport(new URL(url), { authProvider: login }));
            return (await client.callTool({ name: 'whoami', arguments: {} })).structuredContent;
        }
    };
}
