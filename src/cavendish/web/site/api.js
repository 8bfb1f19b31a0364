// Talking to the service: one way to ask, one kind of error.

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

/** The same, as a copy that is no wider; the picture itself where there is none. */
export const small = (url, width = 320) => (here(url).startsWith("/generations/") ? `${here(url)}?width=${width}` : here(url));

export const ended = (state) => state.status === "completed" || state.status === "failed";
