// mcp-handler as its pages "Framework Compatibility" and "Authorization" set it up: a Hono route, withMcpAuth around
// the handler, and a verifier of one's own, which here is jose with one key set for the life of the process.
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { createRemoteJWKSet, jwtVerify } from "jose";
import {
  createMcpHandler,
  metadataCorsOptionsRequestHandler,
  protectedResourceHandler,
  withMcpAuth,
} from "mcp-handler";
import { z } from "zod";

const { AUDIENCE: audience, BASE_URL: resourceUrl, ISSUER: issuer, PORT: port } = process.env;
const keys = createRemoteJWKSet(new URL(`${issuer}/oauth2/jwks`));

const handler = createMcpHandler((server) => {
  server.registerTool(
    "echo",
    { title: "Echo", description: "Say it again.", inputSchema: z.object({ text: z.string() }) },
    async ({ text }) => ({ content: [{ type: "text", text }] }),
  );
});

const verifyToken = async (_request, token) => {
  if (!token) return undefined;
  try {
    const { payload } = await jwtVerify(token, keys, { issuer, audience, algorithms: ["RS256"] });
    const scopes = (payload.scope ?? "").split(" ");
    return { token, scopes, clientId: payload.client_id, expiresAt: payload.exp, extra: { userId: payload.sub } };
  } catch {
    return undefined;
  }
};

const guarded = withMcpAuth(handler, verifyToken, { required: true, resourceUrl });
const metadata = protectedResourceHandler({ authServerUrls: [issuer], resourceUrl });
const metadataOptions = metadataCorsOptionsRequestHandler();

const app = new Hono();
app.all("/mcp", (context) => guarded(context.req.raw));
app.get("/.well-known/oauth-protected-resource", (context) => metadata(context.req.raw));
app.options("/.well-known/oauth-protected-resource", () => metadataOptions());
serve({ fetch: app.fetch, hostname: "127.0.0.1", port: Number(port) });
