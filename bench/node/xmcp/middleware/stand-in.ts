// Where the plugin is not to be had: the same checks by the same library, with keys that are fetched for each request.
import { createRemoteJWKSet, jwtVerify } from "jose";
import { type Middleware } from "xmcp";

const issuer = `https://${process.env.WORKOS_AUTHKIT_DOMAIN}`;
const rules = { issuer, audience: process.env.WORKOS_CLIENT_ID, clockTolerance: 30 };

const middleware: Middleware = async (req, res, next) => {
  if (!req.path.startsWith("/mcp")) return next();
  const token = /^Bearer (\S+)$/i.exec(req.headers.authorization ?? "")?.[1];
  const refuse = (error: string) => {
    res.setHeader("WWW-Authenticate", `Bearer resource_metadata="/.well-known/oauth-protected-resource"`);
    res.status(401).json({ error });
  };
  if (!token) return refuse("unauthorized");
  try {
    const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(`${issuer}/oauth2/jwks`)), rules);
    return payload.sub && payload.sid ? next() : refuse("invalid_token");
  } catch {
    return refuse("invalid_token");
  }
};

export default middleware;
