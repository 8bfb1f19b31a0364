import { $, h, moment, said, show } from "./dom.js";

const PATH = "/v1/content_provenance_checks";
const BYTES_MAX = 20_000_000;
const SECONDS_MAX = 90;

const SOURCES = {
  trainedAlgorithmicMedia: "made by a model",
  algorithmicMedia: "drawn by an algorithm that is no model",
  compositeWithTrainedAlgorithmicMedia: "made by a model from other pictures",
  compositeSynthetic: "drawn by an algorithm from other pictures",
  digitalCapture: "taken by a camera",
};

let current = 0;

async function look(file) {
  const mine = ++current;
  $("#trouble").hidden = true;
  if (file.size > BYTES_MAX) return refuse("This file has over 20 MB; send a smaller one.");
  show($("#found"), shown(file), h("p", { class: "hint" }, "Looking…"));
  const form = new FormData();
  form.append("file", file);
  try {
    const answer = await fetch(PATH, { method: "POST", body: form, signal: AbortSignal.timeout(SECONDS_MAX * 1000) });
    const content = await answer.json();
    if (mine !== current) return undefined; // another picture was chosen meanwhile
    if (!answer.ok) return refuse(content.error.message);
    return show($("#found"), shown(file), ...told(content.results));
  } catch {
    return mine === current ? refuse("The service did not answer. Try again in a moment.") : undefined;
  }
}

function refuse(text) {
  show($("#found"));
  $("#trouble").textContent = text;
  $("#trouble").hidden = false;
}

function shown(file) {
  const url = URL.createObjectURL(file);
  return h("img", { class: "looked", src: url, alt: "The picture that is looked at", onload: () => URL.revokeObjectURL(url) });
}

function told(results) {
  const by = Object.fromEntries(results.map((result) => [result.type, result]));
  const ours = by.registry?.outcome === "detected" || by.watermark?.outcome === "detected";
  const any = results.some((result) => result.outcome === "detected");
  return [
    h("h2", {}, ours ? "This service delivered it" : any ? "It says where it comes from" : "Nothing was found"),
    h("dl", { class: "findings" }, ...results.flatMap((result) => [h("dt", {}, NAMES[result.type]), h("dd", {}, ...WORDS[result.type](result))])),
  ];
}

const NAMES = { c2pa: "Signed manifest", watermark: "Mark in the pixels", registry: "Register" };

const WORDS = {
  c2pa(result) {
    if (result.validation_state === "not_present") return ["There is none. Most programs that save a picture drop it."];
    const maker = [result.engine, result.model].filter(Boolean).join(" ");
    const words = [said(result.issuer || "Somebody"), " says that this picture was ", SOURCES[result.source_type] ?? "made",
      ...(maker ? [", by ", said(maker)] : []), ...at(result)];
    if (result.validation_state !== "invalid") return [...words, "."];
    return [h("strong", {}, "The file was changed since it was signed. "), ...words, "."];
  },
  watermark: (result) => (result.outcome === "detected"
    ? ["There is one of this service", ...at(result), `. Certainty ${percent(result.confidence)}.`]
    : ["None of this service."]),
  registry(result) {
    if (result.outcome !== "detected") return ["This service knows no such picture."];
    const what = result.match === "file" ? "It is the very file that was delivered" : `It looks the same as one that was delivered (${percent(result.confidence)})`;
    return [what, ", made by ", said([result.engine, result.model].filter(Boolean).join(" ")), ...at(result), "."];
  },
};

const percent = (share) => `${Math.floor(share * 1000) / 10} %`;
const at = (result) => (Number.isNaN(Date.parse(result.generated_at ?? "")) ? [] : [", ", moment(result.generated_at)]);

$("#files").addEventListener("change", ({ target }) => {
  if (target.files[0]) look(target.files[0]);
  target.value = "";
});
document.addEventListener("paste", ({ clipboardData }) => {
  if (clipboardData.files[0]) look(clipboardData.files[0]);
});
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  $("#drop").classList.add("over");
});
document.addEventListener("dragleave", () => $("#drop").classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  $("#drop").classList.remove("over");
  if (event.dataTransfer.files[0]) look(event.dataTransfer.files[0]);
});
