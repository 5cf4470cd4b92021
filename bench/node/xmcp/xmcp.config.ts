import type { XmcpConfig } from "xmcp";

// The port is a constant of the bundle.
const config: XmcpConfig = {
  http: { port: Number(process.env.PORT), host: "127.0.0.1" },
  paths: { prompts: false, resources: false },
  typescript: { skipTypeCheck: true },
};

export default config;
