// src/middleware.ts as xmcp's page "JSON Web Token" has it: one public key of the issuer, known when the server starts.
import { jwtAuthMiddleware, type Middleware } from "xmcp";

const middleware: Middleware = [
  jwtAuthMiddleware({
    secret: process.env.PUBLIC_KEY!,
    algorithms: ["RS256"],
    issuer: process.env.ISSUER!,
    audience: process.env.AUDIENCE!,
  }),
];

export default middleware;
