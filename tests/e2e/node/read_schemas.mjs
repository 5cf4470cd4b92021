// What JavaScript makes of tools and patterns: JSON in, JSON out.
import { readFileSync } from "node:fs";
import { mcpToFunctionTool } from "@openai/agents-core";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const { tools, patterns } = JSON.parse(readFileSync(0, "utf8"));
console.log = console.warn = console.error = () => {}; // the library tells each tool that is not strict

const said = (act) => {
  try {
    act();
    return "";
  } catch (error) {
    return String(error);
  }
};
// As the SDKs make theirs: v1 reads draft-07, v2 the current draft.
const validators = [Ajv, Ajv2020].map((Kind) => {
  const ajv = new Kind({ strict: false, validateFormats: true, validateSchema: true, allErrors: true });
  addFormats.default(ajv);
  return ajv;
});
const compiled = (tool) =>
  validators
    .flatMap((ajv) => [tool.inputSchema, tool.outputSchema].map((schema) => schema && said(() => ajv.compile(schema))))
    .filter(Boolean)
    .join("; ");
const answer = {
  tools: Object.fromEntries(
    tools.map((tool) => [
      tool.name,
      { ajv: compiled(tool), strict: mcpToFunctionTool(tool, { name: "server" }, true).strict },
    ]),
  ),
  patterns: patterns.map((pattern) => said(() => new RegExp(pattern, "u"))),
};
process.stdout.write(JSON.stringify(answer));
