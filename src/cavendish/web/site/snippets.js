// The same request as programs send it, whole: each can be pasted as it stands, and ends with the picture's address or
// with the reason why there is none. Every value is quoted for its language: a prompt may hold anything.

const shell = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
const json = (value) => JSON.stringify(value, null, 2);

/** JSON is also a literal of Python but for three words, which only stand as values here. */
const python = (value) => `{\n${Object.entries(value).map(([name, item]) => `    ${JSON.stringify(name)}: ${item === true ? "True" : item === false ? "False" : JSON.stringify(item)},`).join("\n")}\n}`;

export function snippets(origin, model, body) {
  const generate = `${origin}/api/${model}/generate`;
  const check = `${origin}/api/${model}/check-status`;
  return { curl: inShell(generate, check, body), Python: inPython(generate, check, body), JavaScript: inJavaScript(generate, check, body) };
}

// Without comments: some shells take none at their prompt.
const inShell = (generate, check, body) => `state=$(curl -sS -X POST "${generate}" \\
  -H "Content-Type: application/json" \\
  -H "Authorization: Bearer $CAVENDISH_KEY" \\
  -H "Idempotency-Key: $(date +%s)-$$" \\
  --data-raw ${shell(json(body))})
id=$(printf %s "$state" | sed -n 's/.*"generationId": *"\\([0-9a-f]*\\)".*/\\1/p')
while [ -n "$id" ]; do
  state=$(curl -sS -X POST "${check}" \\
    -H "Content-Type: application/json" \\
    -H "Authorization: Bearer $CAVENDISH_KEY" \\
    -H "Prefer: wait=30" \\
    --data-raw "{\\"generationId\\": \\"$id\\"}")
  case $(printf %s "$state" | sed -n 's/.*"status": *"\\([a-z]*\\)".*/\\1/p') in
    pending | generating) sleep 1 ;;
    *) break ;;
  esac
done
printf '%s\\n' "$state"`;

const inPython = (generate, check, body) => `import os
import sys
import time
import uuid

import requests

headers = {"Authorization": f"Bearer {os.environ['CAVENDISH_KEY']}"}


def post(url, body, **more):
    answer = requests.post(url, json=body, headers={**headers, **more}, timeout=60).json()
    if "generationId" not in answer:
        sys.exit(answer["error"])  # refused, and nothing was charged
    return answer


order = ${python(body)}
key = str(uuid.uuid4())  # the same order sent again with the same key is not paid twice
state = post(${JSON.stringify(generate)}, order, **{"Idempotency-Key": key})
while state["status"] in ("pending", "generating"):
    time.sleep(3)
    state = post(${JSON.stringify(check)}, {"generationId": state["generationId"]})
if state["status"] == "failed":
    sys.exit(state["error"])
print(state["imageUrl"])`;

const inJavaScript = (generate, check, body) => `const headers = { Authorization: \`Bearer \${process.env.CAVENDISH_KEY}\`, "Content-Type": "application/json" };

async function post(url, body, more = {}) {
  const sent = await fetch(url, { method: "POST", headers: { ...headers, ...more }, body: JSON.stringify(body) });
  const answer = await sent.json();
  if (!answer.generationId) throw new Error(answer.error); // refused, and nothing was charged
  return answer;
}

const order = ${json(body)};
const key = crypto.randomUUID(); // the same order sent again with the same key is not paid twice
let state = await post(${JSON.stringify(generate)}, order, { "Idempotency-Key": key });
while (["pending", "generating"].includes(state.status)) {
  await new Promise((done) => setTimeout(done, 3000));
  state = await post(${JSON.stringify(check)}, { generationId: state.generationId });
}
if (state.status === "failed") throw new Error(state.error);
console.log(state.imageUrl);`;
