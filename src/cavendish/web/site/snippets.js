// The same request as programs send it. Every value is quoted for its language: a prompt may hold anything.

const shell = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
const indented = (value, by) => JSON.stringify(value, null, 2).replaceAll("\n", `\n${" ".repeat(by)}`);

/** JSON is also a literal of Python but for three words, which only stand as values here. */
const python = (value) => `{\n${Object.entries(value).map(([name, item]) => `        ${JSON.stringify(name)}: ${item === true ? "True" : item === false ? "False" : JSON.stringify(item)},`).join("\n")}\n    }`;

export function snippets(origin, model, body) {
  const generate = `${origin}/api/${model}/generate`;
  const check = `${origin}/api/${model}/check-status`;
  return {
    curl: `curl -X POST "${generate}" \\
  -H "Content-Type: application/json" \\
  -H "Authorization: Bearer $CAVENDISH_KEY" \\
  --data-raw ${shell(JSON.stringify(body, null, 2))}

# then, with the generationId of the answer:
curl -X POST "${check}" \\
  -H "Content-Type: application/json" \\
  -H "Authorization: Bearer $CAVENDISH_KEY" \\
  -H "Prefer: wait=30" \\
  --data-raw '{"generationId": "..."}'`,
    Python: `import os, time, requests

headers = {"Authorization": f"Bearer {os.environ['CAVENDISH_KEY']}"}
task = requests.post(
    ${JSON.stringify(generate)},
    headers=headers,
    json=${python(body)},
).json()
while True:
    state = requests.post(${JSON.stringify(check)}, headers=headers, json={"generationId": task["generationId"]}).json()
    if state["status"] in ("completed", "failed"):
        break
    time.sleep(3)
print(state.get("imageUrl") or state["error"])`,
    JavaScript: `const headers = { Authorization: \`Bearer \${process.env.CAVENDISH_KEY}\`, "Content-Type": "application/json" };
const post = (url, body) => fetch(url, { method: "POST", headers, body: JSON.stringify(body) }).then((answer) => answer.json());

const task = await post(${JSON.stringify(generate)}, ${indented(body, 0)});
let state = task;
while (!["completed", "failed"].includes(state.status)) {
  await new Promise((done) => setTimeout(done, 3000));
  state = await post(${JSON.stringify(check)}, { generationId: task.generationId });
}
console.log(state.imageUrl ?? state.error);`,
  };
}
