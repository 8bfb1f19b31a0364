// Google's own SDK, and the AI SDK with its provider for Google.
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { GoogleGenAI } from "@google/genai";
import { generateText } from "ai";

const { ORIGIN: origin, KEY: key } = process.env;
const model = "gemini-2.5-flash-image";
const client = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: origin } });
const made = await client.models.generateContent({ model, contents: "a lake" });
const image = made.candidates[0].content.parts[0].inlineData;
const edited = await client.models.generateContent({
  model, contents: [{ role: "user", parts: [{ text: "make it night" }, { inlineData: image }] }],
});
const told = await client.models.generateContent({ model: "llama", contents: "a lake" }).catch((error) => error.status);
const google = createGoogleGenerativeAI({ baseURL: `${origin}/v1beta`, apiKey: key });
const { files } = await generateText({
  model: google(model), prompt: "a lake", providerOptions: { google: { responseModalities: ["TEXT", "IMAGE"] } },
});
console.log(JSON.stringify({
  sizes: [image, edited.candidates[0].content.parts[0].inlineData].map((one) => Buffer.from(one.data, "base64").length),
  version: made.modelVersion, told, files: files.map((file) => [file.mediaType, file.uint8Array.length]),
}));
