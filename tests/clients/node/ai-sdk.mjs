// The AI SDK with its provider for OpenAI.
import { createOpenAI } from "@ai-sdk/openai";
import { generateImage } from "ai";

const openai = createOpenAI({ baseURL: `${process.env.ORIGIN}/v1`, apiKey: process.env.KEY });
const { images } = await generateImage({ model: openai.image("gpt-image-1"), prompt: "a lake", n: 2, size: "1024x1024" });
console.log(JSON.stringify({ types: images.map((image) => image.mediaType), sizes: images.map((image) => image.uint8Array.length) }));
