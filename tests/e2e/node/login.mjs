// What the user of a client does, at the other end of the pipes: addresses to open go out as {"open": ...}, and what
// the test answers comes in line by line.
import { createInterface } from 'node:readline';

export const REDIRECT_URI = 'http://127.0.0.1:9876/callback';
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

export class Login {
    redirectUrl = REDIRECT_URI;
    kept = {};

    constructor(name, clientMetadataUrl) {
        this.clientMetadata = {
            client_name: name,
            redirect_uris: [REDIRECT_URI],
            grant_types: ['authorization_code', 'refresh_token'],
            token_endpoint_auth_method: 'none'
        };
        if (clientMetadataUrl) this.clientMetadataUrl = clientMetadataUrl;
    }

    clientInformation = () => this.kept.client;
    saveClientInformation = client => { this.kept.client = client; };
    tokens = () => this.kept.tokens;
    saveTokens = tokens => { this.kept.tokens = tokens; };
    codeVerifier = () => this.kept.verifier;
    saveCodeVerifier = verifier => { this.kept.verifier = verifier; };
    redirectToAuthorization = address => say({ open: address.href });
}

export async function nextLine() {
    return (await lines.next()).value;
}

/** The parameters that the browser came back with. */
export async function calledBack() {
    return new URL(await nextLine()).searchParams;
}

export function say(message) {
    process.stdout.write(`${JSON.stringify(message)}\n`);
}
