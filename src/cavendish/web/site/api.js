// Talking to the service: one way to ask, one kind of error, and a generation followed to its end.

export class Refused extends Error {
  constructor(body, status, retryAfter) {
    super(body?.error ?? "The service did not answer. Check that it runs, then try again.");
    this.code = body?.errorCode ?? "UNREACHABLE";
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** The answer's JSON. Throws Refused; a sign-in that has ended is told to the page too, as `signed-out`. */
export async function ask(method, path, body, headers = {}) {
  const plain = body === undefined || body instanceof Blob;
  let answer;
  try {
    answer = await fetch(path, {
      method,
      credentials: "same-origin",
      headers: plain ? headers : { "Content-Type": "application/json", ...headers },
      body: plain ? body : JSON.stringify(body),
    });
  } catch {
    throw new Refused(null, 0, 0);
  }
  const content = await answer.json().catch(() => null);
  if (answer.status === 401) document.dispatchEvent(new Event("signed-out"));
  if (!answer.ok || content === null) throw new Refused(content, answer.status, Number(answer.headers.get("Retry-After")) || 0);
  return content;
}

export const get = (path) => ask("GET", path);
export const post = (path, body = {}) => ask("POST", path, body);

/** A picture's address under this host name, whatever name the service knows itself by. */
export function here(url) {
  const parsed = new URL(url, location.href);
  return parsed.pathname.startsWith("/generations/") ? parsed.pathname : parsed.href;
}

const POLL_MILLISECONDS = 1500;
const STREAM_FAILURES_MAX = 3;
const SILENCE_MILLISECONDS = 4000; // the first event comes at once, unless something on the way holds streams back
const HOPELESS = [401, 403, 404];

export const ended = (state) => state.status === "completed" || state.status === "failed";

/**
 * Call `told` with every state of a generation until it has ended, and resolve with the last; `away` when the service
 * does not answer for a while. Server-sent events; where they do not come through, polling.
 */
export function follow(generationId, { told, away }) {
  return new Promise((resolve, reject) => {
    let heard = false;
    let failures = 0;
    const source = new EventSource(`/api/v1/generations/${generationId}/events`);
    const turn = () => { leave(); poll(generationId, told, away).then(resolve, reject); };
    const silence = setTimeout(turn, SILENCE_MILLISECONDS);
    const leave = () => { clearTimeout(silence); source.close(); };
    source.addEventListener("status", (event) => {
      heard = true;
      failures = 0;
      clearTimeout(silence);
      const state = JSON.parse(event.data);
      told(state);
      if (!ended(state)) return;
      leave();
      resolve(state);
    });
    source.addEventListener("error", () => {
      failures += 1;
      // A stream that worked once comes back by itself.
      if (!heard || source.readyState === EventSource.CLOSED || failures >= STREAM_FAILURES_MAX) turn();
    });
  });
}

async function poll(generationId, told, away) {
  for (;;) {
    try {
      const state = await post("/api/nano-banana-2/check-status", { generationId });
      told(state);
      if (ended(state)) return state;
    } catch (error) {
      if (HOPELESS.includes(error.status)) throw error;
      away();
    }
    await new Promise((done) => setTimeout(done, POLL_MILLISECONDS));
  }
}
