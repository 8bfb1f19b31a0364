// OpenAI's own SDK: a picture, an edit of it, and what it says of errors.
import OpenAI, { toFile } from "openai";

const client = new OpenAI({ baseURL: `${process.env.ORIGIN}/v1`, apiKey: process.env.KEY, maxRetries: 0 });
const made = await client.images.generate({ model: "gpt-image-1", prompt: "a lake", size: "1536x1024" });
const image = Buffer.from(made.data[0].b64_json, "base64");
const edited = await client.images.edit({
  model: "gpt-image-1", prompt: "make it night", image: [await toFile(image, "lake.png", { type: "image/png" })],
});
const events = [];
for await (const event of await client.images.generate({ model: "gpt-image-1", prompt: "a lake", stream: true })) {
  events.push(event.type);
}
const told = await client.images.generate({ prompt: "blocked" }).catch((error) => [error.status, error.code]);
console.log(JSON.stringify({ sizes: [image.length, Buffer.from(edited.data[0].b64_json, "base64").length], events, told }));
