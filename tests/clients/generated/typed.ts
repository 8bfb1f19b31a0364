// What openapi-typescript says of bodies and answers: a picture, and a refusal.
import type { components, paths } from "./schema.js";

declare const process: { env: Record<string, string> };

type Post<Path extends keyof paths> = paths[Path] extends { post: infer Operation } ? Operation : never;
type Body<Path extends keyof paths> = Post<Path> extends { requestBody: { content: { "application/json": infer Sent } } } ? Sent : never;
type Answer<Path extends keyof paths> = Post<Path> extends { responses: { 200: { content: { "application/json": infer Got } } } } ? Got : never;

async function post<Path extends keyof paths>(path: Path, body: Body<Path>): Promise<Answer<Path>> {
  const headers = { Authorization: `Bearer ${process.env.KEY}`, "Content-Type": "application/json" };
  const answer = await fetch(process.env.ORIGIN + path, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw (await answer.json()) as components["schemas"]["ErrorAnswer"];
  return (await answer.json()) as Answer<Path>;
}

async function ended(generationId: string): Promise<Answer<"/api/nano-banana-2/check-status">> {
  for (;;) {
    const state = await post("/api/nano-banana-2/check-status", { generationId });
    if (state.status !== "pending" && state.status !== "generating") return state;
    await new Promise((done) => setTimeout(done, 50));
  }
}

const created = await post("/api/nano-banana-2/generate", { prompt: "a lake", mode: "generate" });
const state = await ended(created.generationId);
const size = (await (await fetch(state.imageUrl ?? "")).arrayBuffer()).byteLength;
const refused = post("/api/nano-banana-2/generate", { prompt: "a lake", mode: "edit" });
const told = await refused.then(() => "", (error: components["schemas"]["ErrorAnswer"]) => error.errorCode);
console.log(JSON.stringify({ status: state.status, charged: state.creditsCharged, size, told }));
