// Log in with Mastra's MCP client, and call `whoami`: `node call_with_mastra.mjs URL PORT [DOCUMENT]`. The document
// says who the client is (CIMD). The login is stored in the file mastra.json, so that the next run needs none.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { MCPClient, MCPOAuthClientProvider } from '@mastra/mcp';

const [url, port, document] = process.argv.slice(2);
const file = 'mastra.json';
const stored = new Map(existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []);
const write = () => writeFileSync(file, JSON.stringify([...stored]));
const redirectUrl = `http://127.0.0.1:${port}/callback`;

const provider = new MCPOAuthClientProvider({
    redirectUrl,
    clientMetadata: { client_name: 'Mastra', redirect_uris: [redirectUrl], grant_types: ['authorization_code', 'refresh_token'] },
    clientMetadataUrl: document,
    storage: {
        get: key => stored.get(key),
        set: (key, value) => { stored.set(key, value); write(); },
        delete: key => { stored.delete(key); write(); }
    },
    onRedirectToAuthorization: address => { execFileSync('xdg-open', [address.href]); }
});
const client = new MCPClient({ servers: { here: { url: new URL(url), authProvider: provider } } });
await client.authenticate('here');
const { here_whoami } = await client.listTools();
console.log(JSON.stringify(await here_whoami.execute({}, {})));
await client.disconnect();
