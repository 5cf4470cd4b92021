import { type InferSchema, type ToolMetadata } from "xmcp";
import { z } from "zod";

export const schema = { text: z.string() };

export const metadata: ToolMetadata = { name: "echo", description: "Say it again." };

export default async function echo({ text }: InferSchema<typeof schema>): Promise<string> {
  return text;
}
