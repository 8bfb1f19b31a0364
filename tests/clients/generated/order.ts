// The client that openapi-generator makes in TypeScript: an upload, its edit, and a refusal.
import { Configuration, ImagesApi, NanoBanana2Api, ResponseError } from "./client/index.js";
import type { StatusAnswer } from "./client/index.js";

declare const process: { env: Record<string, string> };

const configuration = new Configuration({ basePath: process.env.ORIGIN, accessToken: process.env.KEY });
const images = new ImagesApi(configuration), orders = new NanoBanana2Api(configuration);

async function ended(generationId: string): Promise<StatusAnswer> {
  for (;;) {
    const state = await orders.postApiNanoBanana2CheckStatus({ checkBody: { generationId } });
    if (state.status !== "pending" && state.status !== "generating") return state;
    await new Promise((done) => setTimeout(done, 50));
  }
}

async function refusal(): Promise<string> {
  try {
    await orders.postApiNanoBanana2Generate({ generateBody: { prompt: "a lake", mode: "edit" } });
  } catch (error) {
    if (error instanceof ResponseError) return (await error.response.json()).errorCode;
  }
  return "";
}

const picture = await (await fetch(`data:image/png;base64,${process.env.LAKE}`)).blob();
const uploaded = await images.postApiV1Uploads({ body: picture });
const created = await orders.postApiNanoBanana2Generate({
  generateBody: { prompt: "a lake", mode: "edit", inputImageUrls: [uploaded.inputImageUrl] },
});
const state = await ended(created.generationId);
const size = (await (await fetch(state.imageUrl ?? "")).arrayBuffer()).byteLength;
console.log(JSON.stringify({ status: state.status, charged: state.creditsCharged, size, told: await refusal() }));
